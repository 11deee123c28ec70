"""Rows that are written once: neither code nor Django admin changes or deletes one."""

from typing import Any, NoReturn, TypeVar

from django.db import models

_Row = TypeVar("_Row", bound="AppendOnly")


class AppendOnlyError(Exception):
    """An append-only row was to be changed or deleted."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(f"Rows of “{model._meta.verbose_name_plural}” are append-only.")


class AppendOnlyQuerySet(models.QuerySet[_Row]):
    """Rows that can be read and added."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Raise AppendOnlyError."""
        raise AppendOnlyError(self.model)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise AppendOnlyError."""
        raise AppendOnlyError(self.model)

    def delete(self) -> NoReturn:
        """Raise AppendOnlyError."""
        raise AppendOnlyError(self.model)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[_Row]:
        """Write new rows; raise AppendOnlyError where rows that are there would be changed (`update_conflicts`)."""
        if len(args) > 2 or kwargs.get("update_conflicts"):
            raise AppendOnlyError(self.model)
        return super().bulk_create(objs, *args, **kwargs)

    def _update(self, values: Any) -> int:
        """Raise AppendOnlyError if there is a row: Model.save_base comes here, past save(), to load a fixture."""
        if self.exists():
            raise AppendOnlyError(self.model)
        return 0

    def _raw_delete(self, using: str | None) -> NoReturn:
        """Raise AppendOnlyError: the deletion of another row comes here, past delete(), where it takes these along."""
        raise AppendOnlyError(self.model)


class AppendOnly(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        # What Django itself asks on the way of a related row is held to the same.
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row the first time; raise AppendOnlyError afterwards."""
        if self.pk is not None:
            raise AppendOnlyError(type(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise AppendOnlyError."""
        raise AppendOnlyError(type(self))
