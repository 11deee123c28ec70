from datetime import timedelta

from django.db import migrations

BATCH = 1000
ISSUED, FAILED, REVOKED, REPLACED = (6, 9), (3, 5, 7), 8, 14
FIELDS = (
    "code", "name", "issued_seen_at", "issued_order_number", "issued_account_id", "revoked_at", "replaced_at",
    "ordered_failed_since", "failed_code", "failed_description", "standing", "due_at", "late_at", "ends_at", "sort_at",
    "never_issued_since", "renewable_until", "gone_at",
)  # fmt: skip


def fill(apps, schema_editor):
    """Have each row know its name, its last certificate apart from its last order, and what follows from both.

    Which names a wildcard covers, and the rows of names without an order, come with the next reading.
    """
    Certificate, Issued = (apps.get_model("subscriptions", name) for name in ("Certificate", "IssuedCertificate"))
    rows = Certificate.objects.select_related("domain__subscription__customer")
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        for row in batch:
            _fill_row(row)
        Certificate.objects.bulk_update(batch, FIELDS)
        Issued.objects.bulk_create([_issued(Issued, row) for row in batch if row.serial_number], ignore_conflicts=True)


def _fill_row(row):
    row.code, row.name, row.gone_at = row.domain.code, row.domain.name, row.domain.removed_at
    if row.serial_number or row.status_code in (*ISSUED, REVOKED, REPLACED):
        row.issued_seen_at = row.valid_from or row.seen_at
    if row.status_code in (*ISSUED, REVOKED, REPLACED):
        row.issued_order_number, row.issued_account_id = row.ca_order_number, row.acme_account_id
    row.standing = "none" if row.issued_seen_at is None else "issued"
    if row.status_code == REVOKED:
        row.revoked_at, row.standing = row.seen_at, "revoked"
    if row.status_code == REPLACED:
        row.replaced_at, row.standing = row.seen_at, "replaced"
    if row.status_code in FAILED:
        row.ordered_failed_since, row.standing = row.seen_at, "failing"
        row.failed_code, row.failed_description = row.status_code, row.status_description
    _fill_course(row)
    row.never_issued_since = row.domain.added_at if row.issued_seen_at is None else None
    subscription = row.domain.subscription
    is_usable = subscription.creation == "created" and subscription.account_state == "open"
    if is_usable and subscription.customer.archived_at is None and row.gone_at is None:
        row.renewable_until = subscription.expires_at


def _fill_course(row):
    if row.valid_until is None:
        return
    row.ends_at = row.sort_at = row.valid_until
    if row.valid_from is not None and row.valid_from < row.valid_until:
        lifetime = row.valid_until - row.valid_from
        row.due_at = row.valid_from + lifetime * 2 / 3
        row.late_at = row.due_at + timedelta(seconds=lifetime.total_seconds() / 10)


def _issued(model, row):
    return model(
        domain_id=row.domain_id,
        serial_number=row.serial_number,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        ca_order_number=row.issued_order_number,
        acme_account_id=row.issued_account_id,
        first_seen_at=row.issued_seen_at,
        revoked_at=row.revoked_at,
        replaced_at=row.replaced_at,
    )


def forget(apps, schema_editor):
    """Leave no row that has no order: there was none before."""
    Certificate = apps.get_model("subscriptions", "Certificate")
    Certificate.objects.filter(acme_order_id="", status_code=None, issued_seen_at=None).delete()


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0037_certificates_by_their_lifetime")]
    operations = [migrations.RunPython(fill, forget)]
