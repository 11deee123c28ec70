from decimal import Decimal

from django.db import migrations
from django.db.models import OuterRef, Subquery

OF_QUOTE = ("subscription", "prevalidation", "term_ends_at")
BATCH = 1000


def fill(apps, schema_editor):
    """Have each line know what its quote knew; each quote and order its total as one of its currency."""
    Quote, Order, Line = (apps.get_model("subscriptions", name) for name in ("Quote", "Order", "QuoteLine"))
    quote = Quote.objects.filter(pk=OuterRef("quote"))
    Line.objects.update(**{field: Subquery(quote.values(field)[:1]) for field in OF_QUOTE})
    for model in (Quote, Order):
        known = model.objects.exclude(total=None).exclude(currency="").only("pk", "total", "currency")
        batch = []
        for row in known.iterator(chunk_size=BATCH):
            row.totals = {row.currency: f"{row.total:f}"}
            batch.append(row)
            if len(batch) == BATCH:
                model.objects.bulk_update(batch, ["totals"])
                batch = []
        model.objects.bulk_update(batch, ["totals"])


def give_back(apps, schema_editor):
    """Have a quote and its order know the subscription of its first line, and the first of its totals."""
    Quote, Order, Line = (apps.get_model("subscriptions", name) for name in ("Quote", "Order", "QuoteLine"))
    line = Line.objects.filter(quote=OuterRef("pk")).order_by("position")
    Quote.objects.update(**{field: Subquery(line.values(field)[:1]) for field in OF_QUOTE})
    of_quote = Quote.objects.filter(pk=OuterRef("quote"))
    Order.objects.update(subscription=Subquery(of_quote.values("subscription")[:1]), total=0, currency="")
    Quote.objects.update(currency="")
    for model in (Quote, Order):
        for row in model.objects.iterator():
            for currency, amount in list(row.totals.items())[:1]:
                model.objects.filter(pk=row.pk).update(total=Decimal(amount), currency=currency)


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0015_lines_of_quotes")]

    operations = [migrations.RunPython(fill, give_back)]
