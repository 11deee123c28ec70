import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0021_reason_for_another_organization'),
    ]

    operations = [
        migrations.AddField(
            model_name='acmeaccount',
            name='code',
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='acmeaccount',
            name='contacts',
            field=models.JSONField(blank=True, help_text='E-mail addresses; none until they are read.', null=True),
        ),
        migrations.AddField(
            model_name='acmeaccount',
            name='contacts_asked_at',
            field=models.DateTimeField(blank=True, help_text='When they were last asked for; empty where they may have changed.', null=True),
        ),
        migrations.AddField(
            model_name='acmeaccount',
            name='known_addresses',
            field=models.JSONField(blank=True, default=list, help_text='Those that were told of.'),
        ),
        migrations.AddField(
            model_name='acmeaccount',
            name='known_user_agents',
            field=models.JSONField(blank=True, default=list, help_text='Those that were told of.'),
        ),
        migrations.AddField(
            model_name='acmeaccount',
            name='registered_at',
            field=models.DateTimeField(blank=True, help_text='When it was first seen that a client has registered it.', null=True),
        ),
        migrations.AddField(
            model_name='acmeaccount',
            name='stopped_alone_at',
            field=models.DateTimeField(blank=True, help_text='When it was stopped here by itself: its state says nothing of its key.', null=True),
        ),
        migrations.AddField(
            model_name='subscription',
            name='account_state',
            field=models.CharField(choices=[('open', 'Open'), ('suspended', 'Suspended'), ('deactivated', 'Deactivated')], default='open', editable=False, help_text='Of the whole ACME account with its key, by what was done here and by what the CA lists since.', max_length=12),
        ),
        migrations.AddField(
            model_name='subscription',
            name='account_state_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='Since when; what the CA listed before says nothing of it.', null=True),
        ),
        migrations.AlterField(
            model_name='finding',
            name='sort',
            field=models.CharField(choices=[('unexplained_charge', 'Charge that nothing explains'), ('unexplained_refund', 'Refund that nothing explains'), ('charged_twice', 'Name charged twice'), ('other_amount', 'Another amount than recorded'), ('charge_not_listed', 'Recorded charge not listed'), ('unknown_name', 'Name that nothing explains'), ('open_amount', 'Charge not confirmed for a day'), ('account_state', 'ACME account changed elsewhere'), ('late_answer', 'Late answer that contradicts')], max_length=20),
        ),
        migrations.AlterField(
            model_name='operation',
            name='kind',
            field=models.CharField(choices=[('preregister', 'Create ACME account'), ('add_domain', 'Add domain'), ('remove_domain', 'Remove domain'), ('extend_domains', 'Extend subscription'), ('move_anchor', 'Move to another pre-validation'), ('suspend_account', 'Suspend ACME account'), ('reinstate_account', 'Reinstate ACME account'), ('deactivate_account', 'Deactivate ACME account')], max_length=20),
        ),
        migrations.AlterField(
            model_name='quoteline',
            name='kind',
            field=models.CharField(choices=[('preregister', 'Create ACME account'), ('add_domain', 'Add domain'), ('remove_domain', 'Remove domain'), ('extend_domains', 'Extend subscription'), ('move_anchor', 'Move to another pre-validation'), ('suspend_account', 'Suspend ACME account'), ('reinstate_account', 'Reinstate ACME account'), ('deactivate_account', 'Deactivate ACME account')], max_length=20),
        ),
    ]
