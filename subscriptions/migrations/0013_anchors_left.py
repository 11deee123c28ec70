from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0012_accounts_that_calls_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='eabbinding',
            name='anchors_left',
            field=models.JSONField(blank=True, default=dict, editable=False, help_text='Pre-validations from which names were moved to another, and when the CA last showed that.'),
        ),
    ]
