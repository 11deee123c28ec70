from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_invitations_to_the_staff")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="plain_name",
            field=models.CharField(default="", editable=False, max_length=450),
        ),
        migrations.AddField(
            model_name="customer",
            name="is_look_alike",
            field=models.BooleanField(
                default=False, editable=False, help_text="Named like an older one before that was refused."
            ),
        ),
        migrations.AddIndex(
            model_name="customer", index=models.Index(fields=["plain_name"], name="customer_plain_name")
        ),
    ]
