import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0016_fill_lines_of_quotes")]

    operations = [
        migrations.RemoveField("order", "currency"),
        migrations.RemoveField("order", "subscription"),
        migrations.RemoveField("order", "total"),
        migrations.RemoveField("quote", "currency"),
        migrations.RemoveField("quote", "prevalidation"),
        migrations.RemoveField("quote", "subscription"),
        migrations.RemoveField("quote", "term_ends_at"),
        migrations.RemoveField("quote", "total"),
        migrations.AlterField(
            "quoteline",
            "subscription",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="quote_lines",
                to="subscriptions.subscription",
            ),
        ),
        migrations.AddConstraint(
            "quoteline",
            models.UniqueConstraint(fields=("quote", "subscription", "kind", "name"), name="quote_line_once"),
        ),
    ]
