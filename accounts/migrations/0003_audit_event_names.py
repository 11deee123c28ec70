"""Columns in which an audit event keeps the codes and names of then. Schema only: the next migration fills them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_single_line_names")]

    operations = [
        migrations.AddField("auditevent", "actor_code", models.UUIDField(editable=False, null=True)),
        migrations.AddField(
            "auditevent",
            "actor_name",
            models.CharField(blank=True, default="", editable=False, max_length=254, verbose_name="actor"),
            preserve_default=False,
        ),
        migrations.AddField(
            "auditevent",
            "actor_email",
            models.EmailField(
                blank=True, default="", editable=False, max_length=254, verbose_name="actor’s e-mail address"
            ),
            preserve_default=False,
        ),
        migrations.AddField("auditevent", "customer_code", models.UUIDField(editable=False, null=True)),
        migrations.AddField(
            "auditevent",
            "customer_name",
            models.CharField(blank=True, default="", editable=False, max_length=150, verbose_name="customer"),
            preserve_default=False,
        ),
        migrations.AddField(
            "auditevent",
            "target_name",
            models.CharField(blank=True, default="", editable=False, max_length=300, verbose_name="target"),
            preserve_default=False,
        ),
    ]
