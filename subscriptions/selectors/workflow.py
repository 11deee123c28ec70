"""Where a subscription stands on the way to its first certificate, as the reseller's staff see it."""

from django.urls import reverse

from accounts.models import User
from accounts.roles import Permission
from subscriptions.explain.first_steps import GuideStep, Workflow, WorkflowLinks, workflow_steps
from subscriptions.models import Subscription
from subscriptions.selectors.archiving import why_closed
from subscriptions.selectors.customer import progress_of
from subscriptions.selectors.prevalidations import Yardstick

State = Subscription.State


def workflow_of(subscription: Subscription, user: User) -> list[GuideStep]:
    """Give the steps to the first certificate, with a link to each that the user may do; none once it is there."""
    if subscription.state not in (State.CREATING, State.READY, State.RUNNING) or why_closed(subscription.customer):
        return []
    progress = progress_of(subscription)
    if progress.has_certificate:
        return []
    workflow = Workflow(
        state=progress.state,
        prevalidation=_why_no_names(subscription),
        has_names=progress.has_names,
        being_added=progress.being_added,
        is_handed_over=subscription.handed_over_at is not None,
        is_registered=progress.is_registered,
        has_certificate=progress.has_certificate,
        is_hand_over_pending=subscription.hand_over_pending_since is not None,
    )
    return workflow_steps(workflow, _links(subscription, user))


def _why_no_names(subscription: Subscription) -> str | None:
    if not subscription.server.needs_prevalidation:
        return None
    own = subscription.prevalidation
    return "Record it, and choose it when names are added." if own is None else Yardstick.now().why_no_names(own)


def _links(subscription: Subscription, user: User) -> WorkflowLinks:
    if not user.may(Permission.BUY):
        return WorkflowLinks()
    own, code = subscription.prevalidation, [subscription.code]
    recorded = reverse("subscriptions:prevalidation-detail", args=[own.code]) if own is not None else ""
    add = reverse("subscriptions:prevalidation-add") + f"?customer={subscription.customer.code}"
    return WorkflowLinks(
        prevalidation=recorded or add,
        names=reverse("subscriptions:domain-add", args=code),
        hand_over=reverse("subscriptions:subscription-hand-over", args=code),
    )
