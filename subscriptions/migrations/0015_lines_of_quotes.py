import django.db.models.deletion
from django.db import migrations, models

KINDS = [("preregister", "Create ACME account"), ("add_domain", "Add domain"), ("remove_domain", "Remove domain")]
TERM_ENDS = "The end of the term that ran when it was priced."


class Migration(migrations.Migration):
    """What a line has to know, beside what is to go from quotes and orders."""

    dependencies = [("subscriptions", "0014_keys_not_listed")]

    operations = [
        migrations.RemoveConstraint(model_name="quoteline", name="quote_line_once_per_name"),
        migrations.AddField(
            "order",
            "totals",
            models.JSONField("confirmed totals", default=dict, help_text="What was confirmed, by currency."),
        ),
        migrations.AddField(
            "quote", "totals", models.JSONField(default=dict, help_text="What its priced lines come to, by currency.")
        ),
        migrations.AddField(
            "quoteline", "arguments", models.JSONField(default=dict, help_text="What else its kind asks with.")
        ),
        migrations.AddField(
            "quoteline", "kind", models.CharField(choices=KINDS, default="add_domain", max_length=20), preserve_default=False
        ),
        migrations.AddField(
            "quoteline",
            "prevalidation",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="subscriptions.prevalidation",
            ),
        ),
        migrations.AddField(
            "quoteline",
            "subscription",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quote_lines",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AddField("quoteline", "term_ends_at", models.DateTimeField(help_text=TERM_ENDS, null=True)),
        migrations.AlterField(
            "quoteline",
            "name",
            models.CharField(blank=True, help_text="Empty for what is about a whole subscription.", max_length=255),
        ),
        # The way back writes these once the columns are there.
        migrations.AlterField(
            "quote",
            "subscription",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quotes",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AlterField(
            "order",
            "subscription",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AlterField("order", "total", models.DecimalField(decimal_places=6, max_digits=20, null=True)),
        migrations.AlterField("order", "currency", models.CharField(max_length=3, null=True)),
        migrations.AlterField("quote", "currency", models.CharField(blank=True, max_length=3, null=True)),
    ]
