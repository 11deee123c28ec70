"""Reading and writing the settings that people change in the portal."""

from accounts.models import Setting


def setting(name: str) -> str:
    """Give the value of a setting, or an empty text where it was never set."""
    return Setting.objects.filter(name=name).values_list("value", flat=True).first() or ""


def keep_setting(name: str, value: str) -> str:
    """Write a setting and give what it was before; the caller's transaction holds the audit event too."""
    row, is_new = Setting.objects.select_for_update().get_or_create(name=name, defaults={"value": value})
    before = "" if is_new else row.value
    if before != value:
        Setting.objects.filter(pk=row.pk).update(value=value)
    return before
