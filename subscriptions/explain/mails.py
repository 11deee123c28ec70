"""What a mail's state means, and what to do."""

from accounts.models import Mail

MEANINGS: dict[str, str] = {
    Mail.State.QUEUED: "A worker sends it as soon as the mail server takes it.",
    Mail.State.SENDING: "A worker is speaking with the mail server.",
    Mail.State.SENT: (
        "The mail server took it. Whether it reached the mailbox is not known here: ask the person to look into the "
        "spam folder, or search the mail server’s log for the Message-ID."
    ),
    Mail.State.PERHAPS_SENT: (
        "The connection ended after the mail server had the text and before it answered. It is not sent again by "
        "itself, so that nobody gets it twice. Ask the person, or search the mail server’s log for the Message-ID; "
        "send it again if it did not arrive."
    ),
    Mail.State.GIVEN_UP: (
        "The mail server refused it for good, or did not take it for days. See its words, mend the address or the "
        "server, then send it again."
    ),
    Mail.State.NOT_NEEDED: "What it was to tell was no longer so when it was to be sent.",
}
