"""Mails about people. Each is a triple of templates: subject, text and HTML."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import invitations
from accounts.models import Invitation


def send_mail_triple(template: str, *, to: str, context: dict[str, Any]) -> None:
    """Send the mail whose templates are `emails/<template>_{subject,text,html}`."""
    context = context | {"portal_name": settings.PORTAL_NAME, "portal_support_email": settings.PORTAL_SUPPORT_EMAIL}
    subject = " ".join(render_to_string(f"emails/{template}_subject.txt", context).split())
    mail = EmailMultiAlternatives(subject, render_to_string(f"emails/{template}_text.txt", context), to=[to])
    mail.attach_alternative(render_to_string(f"emails/{template}_html.html", context), "text/html")
    mail.send()


def send_invitation(invitation_id: int) -> None:
    """Make an invitation's link and mail it; an invitation that is no longer open gets none."""
    invitation = Invitation.objects.select_related("customer", "invited_by").get(pk=invitation_id)
    if invitation.state != Invitation.State.OPEN:
        return
    token = invitations.issue_token(invitation)
    link = settings.PORTAL_URL.rstrip("/") + reverse("accounts:invitation-open", args=[token])
    send_mail_triple("invitation", to=invitation.email, context={"invitation": invitation, "link": link})
    Invitation.objects.filter(pk=invitation.pk).update(mailed_at=timezone.now())
