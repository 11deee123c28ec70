"""Why names of another organization were asked for, with their quote. Schema only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0020_moves_between_prevalidations"),
    ]

    operations = [
        migrations.AddField(
            model_name="quote",
            name="organization_reason",
            field=models.CharField(
                blank=True,
                help_text="Why names go under another organization than those that are there.",
                max_length=300,
            ),
        ),
    ]
