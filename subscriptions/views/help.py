"""The help: a list of topics with a search, and each topic. The same for customers and staff."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from subscriptions.help import TOPICS, search, topic_by_slug


@login_required
@require_safe
def help_list(request: HttpRequest) -> HttpResponse:
    """Show the topics, or those in which everything searched for occurs."""
    query = request.GET.get("q", "").strip()
    context = {"topics": TOPICS, "query": query, "results": search(query) if query else []}
    return render(request, "subscriptions/help_list.html", context)


@login_required
@require_safe
def help_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one topic."""
    try:
        topic = topic_by_slug(slug)
    except KeyError:
        raise Http404 from None
    return render(request, "subscriptions/help_topic.html", {"topic": topic, "topics": TOPICS})
