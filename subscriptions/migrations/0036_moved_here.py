"""Since when a subscription is another customer's than it was."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0035_words_of_kinds'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='moved_here_at',
            field=models.DateTimeField(blank=True, editable=False, help_text="Since when it is its customer's, after another had it.", null=True),
        ),
    ]
