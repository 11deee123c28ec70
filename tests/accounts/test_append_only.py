"""Rows that are written once: no door of Django's changes or deletes one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models.deletion import Collector

from accounts.audit import record_event
from accounts.happenings import Happening
from accounts.models import AppendOnly, AppendOnlyError, AuditEvent, Customer, User
from subscriptions.models import OperationEvent, Subscription
from tests import cast

pytestmark = pytest.mark.servers

MODELS: list[type[AppendOnly]] = [AuditEvent, OperationEvent]
# Of each model, a column to be changed.
COLUMN = {AuditEvent: "action", OperationEvent: "reason"}


def changed(row: AppendOnly) -> AppendOnly:
    setattr(row, COLUMN[type(row)], "changed")
    return row


def load(row: AppendOnly) -> None:
    """Read a row in as `manage.py loaddata` does."""
    for fixture in serializers.deserialize("json", serializers.serialize("json", [changed(row)])):
        fixture.save()


def another(row: AppendOnly) -> AppendOnly:
    """Give a row that was not read, with the number of one that is there."""
    return type(row)(**{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})


DOORS: dict[str, Callable[[Any], Any]] = {
    "save": lambda row: changed(row).save(),
    "save of some fields": lambda row: changed(row).save(update_fields=[COLUMN[type(row)]]),
    "save of another with its number": lambda row: changed(another(row)).save(),
    "save_base": lambda row: changed(row).save_base(),
    "loaddata": load,
    "delete": lambda row: row.delete(),
    "queryset.update": lambda row: type(row).objects.update(**{COLUMN[type(row)]: "changed"}),
    "queryset.delete": lambda row: type(row).objects.filter(pk=row.pk).delete(),
    "queryset.delete of none": lambda row: type(row).objects.none().delete(),
    "manager.delete": lambda row: type(row).objects.delete(),
    "default manager": lambda row: type(row)._default_manager.all().delete(),
    "base manager": lambda row: type(row)._base_manager.all().update(**{COLUMN[type(row)]: "changed"}),
    "bulk_update": lambda row: type(row).objects.bulk_update([changed(row)], [COLUMN[type(row)]]),
    "bulk_update of none": lambda row: type(row).objects.bulk_update([], [COLUMN[type(row)]]),
    "update_or_create": lambda row: type(row).objects.update_or_create({COLUMN[type(row)]: "changed"}, pk=row.pk),
    "bulk_create over it": lambda row: type(row).objects.bulk_create(
        [changed(row)], update_conflicts=True, update_fields=[COLUMN[type(row)]], unique_fields=["pk"]
    ),
    "bulk_create over it, by place": lambda row: type(row).objects.bulk_create(
        [changed(row)], None, False, True, [COLUMN[type(row)]], ["pk"]
    ),
    "past the queryset's own delete": lambda row: models.QuerySet.delete(type(row).objects.all()),
}


@pytest.fixture
def rows(reseller_admin: User, customer: Customer, subscription: Subscription) -> dict[type[AppendOnly], AppendOnly]:
    """One row of each model."""
    order = cast.make_order(cast.make_quote(subscription, {"example.com": "95.00"}), reseller_admin)
    step = OperationEvent.objects.create(operation=order.operations.get(), to_state="queued", reason="Confirmed.")
    return {
        AuditEvent: record_event(Happening.CUSTOMER_CREATED, actor=reseller_admin, target=customer, customer=customer),
        OperationEvent: step,
    }


def test_all_of_them_are_tried() -> None:
    assert set(AppendOnly.__subclasses__()) == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("door", DOORS)
def test_no_door_is_open(rows: dict[type[AppendOnly], AppendOnly], model: type[AppendOnly], door: str) -> None:
    before = list(model.objects.values())
    with pytest.raises(AppendOnlyError), transaction.atomic():
        DOORS[door](rows[model])
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("model", MODELS)
def test_a_deletion_that_takes_them_along_is_refused(
    rows: dict[type[AppendOnly], AppendOnly], model: type[AppendOnly]
) -> None:
    collector = Collector(using="default", origin=rows[model])
    collector.collect(model._base_manager.all())
    with pytest.raises(AppendOnlyError), transaction.atomic():
        collector.delete()
    assert model.objects.filter(pk=rows[model].pk).exists()


@pytest.mark.parametrize("model", MODELS)
def test_no_other_row_changes_them_by_its_deletion(model: type[AppendOnly]) -> None:
    harmless = {models.PROTECT, models.RESTRICT, models.DO_NOTHING}
    references = [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey)]
    assert [field.name for field in references if field.remote_field.on_delete not in harmless] == []


@pytest.mark.parametrize("model", MODELS)
def test_new_ones_can_be_written(rows: dict[type[AppendOnly], AppendOnly], model: type[AppendOnly]) -> None:
    unlike = {"id", "code"}
    values = {
        field.attname: getattr(rows[model], field.attname)
        for field in model._meta.concrete_fields
        if field.attname not in unlike
    }
    model(**values).save()
    model.objects.create(**values)
    model.objects.bulk_create([model(**values), model(**values)])
    model.objects.bulk_create([model(**values)], ignore_conflicts=True)
    assert model.objects.filter(**{COLUMN[model]: values[COLUMN[model]]}).count() >= 6


def test_a_row_comes_back_from_a_fixture(rows: dict[type[AppendOnly], AppendOnly]) -> None:
    text = serializers.serialize("json", [rows[AuditEvent]]).replace(f'"pk": {rows[AuditEvent].pk}', '"pk": 987654')
    text = text.replace(str(AuditEvent.objects.get().code), "00000000-0000-0000-0000-000000000001")
    for fixture in serializers.deserialize("json", text):
        fixture.save()
    assert AuditEvent.objects.filter(pk=987654).exists()


# --- In the database ------------------------------------------------------------------------------------------------

# Of each model, the columns that tell its rows apart.
UNIQUE = {AuditEvent: ("id", "code"), OperationEvent: ("id",)}
WRITTEN = {
    "update": "UPDATE {table} SET {column} = 'changed'",
    "update of one": "UPDATE {table} SET {column} = 'changed' WHERE id = {id}",
    "delete": "DELETE FROM {table}",
    "delete of one": "DELETE FROM {table} WHERE id = {id}",
}
ON_POSTGRESQL = {
    "truncate": "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE",
    "as a replica": "SET LOCAL session_replication_role = replica; DELETE FROM {table}",
    "insert over it": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET {column} = 'changed'",
}
ON_SQLITE = {
    "replace": "REPLACE INTO {table} SELECT * FROM {table}",
    "insert or replace": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "insert over it": "INSERT INTO {table} SELECT * FROM {table} WHERE 1 ON CONFLICT (id) DO UPDATE SET {column} = 'x'",
}
STATEMENTS = WRITTEN | (ON_SQLITE if connection.vendor == "sqlite" else ON_POSTGRESQL)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_statement_changes_or_deletes_one(
    rows: dict[type[AppendOnly], AppendOnly], model: type[AppendOnly], statement: str
) -> None:
    before = list(model.objects.values())
    table = model._meta.db_table
    text = STATEMENTS[statement].format(table=table, column=COLUMN[model], id=rows[model].pk)
    refused = pytest.raises(IntegrityError, match=f"Rows of {table} are append-only")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text)
    assert list(model.objects.values()) == before


@pytest.mark.parametrize(("model", "column"), [(model, column) for model in MODELS for column in UNIQUE[model]])
def test_no_row_takes_the_place_of_another(
    rows: dict[type[AppendOnly], AppendOnly], model: type[AppendOnly], column: str
) -> None:
    before = list(model.objects.values())
    is_sqlite = connection.vendor == "sqlite"
    another = {"id": "id + 1", "code": "'0' || substr(code, 2)" if is_sqlite else "gen_random_uuid()"}
    fields = [str(field.column) for field in model._meta.concrete_fields]
    values = [name if name == column else another.get(name, name) for name in fields]
    insert = "INSERT {over} INTO {table} ({fields}) SELECT {values} FROM {table}"
    over = "OR REPLACE" if is_sqlite else ""
    text = insert.format(over=over, table=model._meta.db_table, fields=", ".join(fields), values=", ".join(values))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text)
    assert list(model.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_flush_leaves_them(customer: Customer) -> None:
    record_event(Happening.CUSTOMER_CREATED, actor=None, target=customer, customer=customer)
    with pytest.raises(CommandError):
        call_command("flush", interactive=False, verbosity=0)
    assert AuditEvent.objects.count() == 1


def test_the_columns_that_tell_rows_apart_are_known() -> None:
    for model in MODELS:
        assert {field.column for field in model._meta.concrete_fields if field.unique} == set(UNIQUE[model])
