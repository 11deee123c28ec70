"""The tasks of the dashboard as a person sees them: what each counts now, and whether the person has seen that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from subscriptions.models import SeenTask
from subscriptions.selectors.rows import version_of
from subscriptions.selectors.task_sorts import SORTS, TaskSort, sort_named

MOST_TOLD_APART = 1000  # rows of one task; of more, only how many there are and the newest

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that needs a person, with its one action; `facts` are what it counts, each as it is now."""

    name: str
    level: str
    title: str
    text: str
    url: str
    action: str
    number: int
    facts: Facts

    @property
    def version(self) -> str:
        """A text that differs when what it counts differs."""
        return version_of(*(f"{key}={value}" for key, value in sorted(self.facts.items())))

    def is_seen(self, seen: Facts | None) -> bool:
        """Whether all that it counts was there, as it is now, when a person marked it as seen."""
        return seen is not None and self.facts.items() <= seen.items()


def tasks_for(user: User, now: datetime) -> list[Task]:
    """Give what needs a person now, the most pressing first; nothing when all is well."""
    tasks = (_task(sort, user, now) for sort in SORTS if user.may(sort.permission))
    return [task for task in tasks if task is not None]


def task_named(name: str, user: User, now: datetime) -> Task | None:
    """Give one of a person's tasks; None where there is none of this name now."""
    sorts = (sort for sort in SORTS if sort.name == name and user.may(sort.permission))
    return next((_task(sort, user, now) for sort in sorts), None)


def facts_seen_by(user: User) -> dict[str, Facts]:
    """Give what a person has marked as seen, by the name of the task."""
    return dict(SeenTask.objects.filter(user=user).values_list("task", "facts"))


def rows_of(name: str, now: datetime) -> "QuerySet[Any]":
    """Give the rows that a task counts; raise KeyError for a name that no task has."""
    return sort_named(name).rows(now)


def labels_of(of: str) -> list[tuple[str, str]]:
    """Give the names of the tasks that count a sort of rows, as `order`, each with what a list calls it."""
    return [(sort.name, sort.label) for sort in SORTS if sort.of == of]


def _task(sort: TaskSort, user: User, now: datetime) -> Task | None:
    rows = sort.rows(now)
    if not (number := rows.count()):
        return None
    shown = list(rows.values_list("pk", "code", sort.latest or "pk", *sort.stamps)[: MOST_TOLD_APART + 1])
    if not shown:  # it has gone meanwhile
        return None
    _, code, latest, *_ = shown[0]
    url, action = _way(sort, user, [code] if number == 1 else [])
    return Task(
        name=sort.name,
        level=sort.level,
        title=sort.title[0] if number == 1 else sort.title[1].format(number),
        text=_text(sort, number, latest if sort.latest else ""),
        url=url,
        action=action,
        number=number,
        facts=_facts(shown, number),
    )


def _facts(shown: Sequence[tuple[Any, ...]], number: int) -> Facts:
    if number > MOST_TOLD_APART:
        return {"": f"{number}, {max(pk for pk, *_ in shown)}"}
    return {str(pk): version_of(*stamps) for pk, _, _, *stamps in shown}


def _text(sort: TaskSort, number: int, latest: str) -> str:
    if not latest:
        return sort.text()
    return latest if number == 1 else f"The latest: {latest}"


def _way(sort: TaskSort, user: User, code: Sequence[Any]) -> tuple[str, str]:
    """Give where a task leads, and what its link says; `code` is that of the only row."""
    may_act = user.may(sort.needs)
    if sort.page:
        return reverse(f"subscriptions:{sort.page}"), sort.action
    if not code:
        query = f"?task={sort.name}{f'&sort={sort.order}' if sort.order else ''}"
        return reverse(f"subscriptions:{sort.of}-list") + query, sort.action if may_act and not sort.acting else "Look"
    if may_act and sort.acting:
        return reverse(f"subscriptions:{sort.acting}", args=code), sort.action
    return reverse(f"subscriptions:{sort.of}-detail", args=code), sort.action if may_act else "Look"
