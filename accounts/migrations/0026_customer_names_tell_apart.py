from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0025_fill_plain_names")]

    operations = [
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_look_alike", False)),
                fields=("plain_name",),
                name="customer_names_tell_apart",
            ),
        ),
    ]
