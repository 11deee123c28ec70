"""Operations that move names from one pre-validation to another. Schema only."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("subscriptions", "0019_extension"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="old_ov_anchor_order_number",
            field=models.CharField(
                blank=True, help_text="The pre-validation that names are moved away from.", max_length=128
            ),
        ),
        migrations.AlterField(
            model_name="operation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("preregister", "Create ACME account"),
                    ("add_domain", "Add domain"),
                    ("remove_domain", "Remove domain"),
                    ("extend_domains", "Extend subscription"),
                    ("move_anchor", "Move to another pre-validation"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="quoteline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("preregister", "Create ACME account"),
                    ("add_domain", "Add domain"),
                    ("remove_domain", "Remove domain"),
                    ("extend_domains", "Extend subscription"),
                    ("move_anchor", "Move to another pre-validation"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                condition=models.Q(("old_ov_anchor_order_number", ""), _negated=True),
                fields=["old_ov_anchor_order_number"],
                name="operation_moves_from",
            ),
        ),
    ]
