"""When the state of an ACME account was last changed here."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0025_replacements'),
    ]

    operations = [
        migrations.AddField(
            model_name='acmeaccount',
            name='changed_at',
            field=models.DateTimeField(blank=True, help_text='When its state was last changed here: a list may be from before that.', null=True),
        ),
    ]
