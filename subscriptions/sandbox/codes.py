"""The codes by which GETLASTORDER tells how the order of an ACME client stands, and their texts."""

REQUESTED = 0  # not in the guide's table, which is silent about orders that are still open
PRE_SIGN_FAILED = 3
POST_SIGN_FAILED = 5
ISSUED = 6
REJECTED = 7
REVOKED = 8
ISSUED_NOT_COLLECTED = 9
REPLACED = 14

STATUS_TEXTS = {
    REQUESTED: "Requested",
    PRE_SIGN_FAILED: "PRE-SIGN FAILED",
    POST_SIGN_FAILED: "POST-SIGN FAILED",
    ISSUED: "Valid",
    REJECTED: "Rejected",
    REVOKED: "Revoked",
    ISSUED_NOT_COLLECTED: "Issued but not yet collected",
    REPLACED: "Replaced",
}
WITHOUT_CERTIFICATE = (PRE_SIGN_FAILED, POST_SIGN_FAILED, REJECTED)
BY_SWITCH = (*WITHOUT_CERTIFICATE, REVOKED, REPLACED)
