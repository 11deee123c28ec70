"""What is wrong with a form, said at its beginning, with links to the fields."""

from dataclasses import dataclass

from django import forms, template

register = template.Library()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct; `target` is the id of its field, empty where it is about none that is seen."""

    text: str
    label: str = ""
    target: str = ""


@register.inclusion_tag("includes/_error_summary.html")
def error_summary(form: forms.BaseForm, title: str = "") -> dict[str, object]:
    """`{% error_summary form "Nothing was saved" %}`: nothing where nothing is wrong; it takes the focus."""
    if not form or not form.is_bound:
        return {"problems": []}
    problems = [Problem(str(error)) for error in form.non_field_errors()]
    for field in form:
        for error in field.errors:
            about = () if field.is_hidden else (str(field.label), _target(field))
            problems.append(Problem(str(error), *about))
    return {"problems": problems, "title": title or _count(len(problems))}


def _target(field: forms.BoundField) -> str:
    """Give the id of what takes the focus: of several boxes it is the first."""
    return field.id_for_label or f"{field.auto_id}_0"


def _count(number: int) -> str:
    return "One thing needs a correction" if number == 1 else f"{number} things need a correction"
