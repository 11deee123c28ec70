from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0007_fill_ledger_columns")]

    operations = [
        migrations.RemoveField(
            model_name='orphanbinding',
            name='operation',
        ),
        migrations.RemoveField(
            model_name='operation',
            name='is_charge_confirmed',
        ),
        migrations.DeleteModel(
            name='OrphanBinding',
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'sending', 'unknown', 'attention']), models.Q(('exclusive', ''), _negated=True)), fields=('exclusive',), name='one_unsettled_of_each'),
        ),
    ]
