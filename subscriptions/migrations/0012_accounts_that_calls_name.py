from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', "0011_steps_stay_as_they_are"),
    ]

    operations = [
        migrations.AddField(
            model_name='acmeaccount',
            name='not_listed_since',
            field=models.DateTimeField(blank=True, help_text='Since when complete lists lack it.', null=True),
        ),
        migrations.AddField(
            model_name='acmeaccount',
            name='refused_at',
            field=models.DateTimeField(blank=True, help_text='When the CA last refused a call because it names this account.', null=True),
        ),
        migrations.AddField(
            model_name='eabbinding',
            name='accounts_read_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='When the CA last listed its ACME accounts.', null=True),
        ),
        migrations.AlterField(
            model_name='eabbinding',
            name='acme_account_id',
            field=models.CharField(help_text='The one of its ACME accounts that calls name.', max_length=64, unique=True, verbose_name='ACME account ID'),
        ),
    ]
