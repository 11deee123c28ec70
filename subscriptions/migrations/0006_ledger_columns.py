import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_single_line_names'),
        ('subscriptions', '0005_ledger_shape'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Baseline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('names', models.JSONField(default=list)),
                ('anchors', models.JSONField(default=dict)),
                ('expires_at', models.DateTimeField(null=True)),
                ('transactions', models.JSONField(help_text='Type and order number of each transaction; empty where they could not be read.', null=True)),
                ('unread', models.JSONField(default=list, help_text='Which lists could not be read, and why.')),
            ],
            options={
                'ordering': ['-began_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sort', models.CharField(choices=[('unexplained_charge', 'Charge that nothing explains'), ('unexplained_refund', 'Refund that nothing explains'), ('charged_twice', 'Name charged twice'), ('other_amount', 'Another amount than recorded'), ('charge_not_listed', 'Recorded charge not listed'), ('unknown_name', 'Name that nothing explains'), ('open_amount', 'Charge not confirmed for a day'), ('late_answer', 'Late answer that contradicts')], max_length=20)),
                ('state', models.CharField(choices=[('seen_once', 'Seen once'), ('open', 'Open'), ('closed', 'Closed')], db_index=True, default='seen_once', max_length=10)),
                ('lines', models.JSONField(default=list, help_text='What differs, one entry a line; `key` tells lines apart.')),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now, help_text='The beginning of the first reading that showed it.')),
                ('opened_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, help_text='Why it is closed.', max_length=500)),
            ],
            options={
                'ordering': ['-seen_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='HeldKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, unique=True)),
                ('lost_in_a_row', models.PositiveIntegerField(default=0)),
                ('held_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='UnassignedAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('eab_key_id', models.CharField(max_length=128, unique=True, verbose_name='EAB key ID')),
                ('state', models.CharField(choices=[('seen_once', 'Seen once'), ('unassigned', 'Unassigned'), ('assigned', 'Assigned'), ('not_ours', 'Not ours'), ('gone', 'No longer at the CA')], db_index=True, default='seen_once', max_length=12)),
                ('is_reusable', models.BooleanField(null=True)),
                ('last_activity_at', models.DateTimeField(null=True)),
                ('first_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('acme_account_id', models.CharField(blank=True, max_length=64, verbose_name='ACME account ID')),
                ('names', models.JSONField(help_text='The names under it, once they were read.', null=True)),
                ('carries_anchor', models.BooleanField(help_text='Whether a name under it has a pre-validation.', null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, help_text='Why it is not ours.', max_length=500)),
                ('problem', models.CharField(blank=True, help_text='Why its key could not be read.', max_length=300)),
            ],
            options={
                'ordering': ['-first_seen_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='acmeserver',
            name='charges_closed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='acmeserver',
            name='charges_closed_reason',
            field=models.CharField(blank=True, editable=False, help_text='Why nothing that costs money is sent for it.', max_length=500),
        ),
        migrations.AddField(
            model_name='domain',
            name='is_taken_over',
            field=models.BooleanField(default=False, help_text='There before the portal: with an assigned account, or accepted by a person.'),
        ),
        migrations.AddField(
            model_name='domain',
            name='not_listed_since',
            field=models.DateTimeField(blank=True, help_text='Since when complete lists of the CA lack it; it counts as present.', null=True),
        ),
        migrations.AddField(
            model_name='domain',
            name='removal',
            field=models.ForeignKey(blank=True, help_text="What removed it; empty where only the CA's lists say that it is gone.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='removed_domains', to='subscriptions.operation'),
        ),
        migrations.AddField(
            model_name='eabbinding',
            name='assigned_at',
            field=models.DateTimeField(blank=True, editable=False, help_text='Charges the CA lists from before are history.', null=True),
        ),
        migrations.AddField(
            model_name='gate',
            name='charges_in_a_row',
            field=models.PositiveIntegerField(default=0, help_text='Turns given to work that a person waits for since one was given to a reading.'),
        ),
        migrations.AddField(
            model_name='gate',
            name='place',
            field=models.CharField(blank=True, help_text='Which database this is: another means a restore.', max_length=200),
        ),
        migrations.AddField(
            model_name='operation',
            name='arguments',
            field=models.JSONField(default=dict, help_text='What else its kind sends.'),
        ),
        migrations.AddField(
            model_name='operation',
            name='charged_text',
            field=models.CharField(blank=True, help_text='The amount as the CA wrote it.', max_length=40),
        ),
        migrations.AddField(
            model_name='operation',
            name='decided_at',
            field=models.DateTimeField(help_text='When a person last had it sent after looking at it.', null=True),
        ),
        migrations.AddField(
            model_name='operation',
            name='ended_mark',
            field=models.JSONField(default=dict, help_text='The same on the clock of the host that noted it.'),
        ),
        migrations.AddField(
            model_name='operation',
            name='exclusive',
            field=models.CharField(blank=True, help_text='What only one unsettled operation may be about at a time.', max_length=330),
        ),
        migrations.AddField(
            model_name='operation',
            name='is_charge_open',
            field=models.BooleanField(default=False, help_text='Done, but the CA has not confirmed the charge yet.'),
        ),
        migrations.AddField(
            model_name='operation',
            name='lane',
            field=models.CharField(choices=[('name', 'Its registrable domain'), ('binding', 'The whole binding'), ('account', 'Its own kind'), ('alone', 'Nothing')], default='name', max_length=10),
        ),
        migrations.AddField(
            model_name='operation',
            name='lost_answers',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='operation',
            name='quoted_term_ends_at',
            field=models.DateTimeField(help_text='The end of the term the price was asked for.', null=True),
        ),
        migrations.AddField(
            model_name='operation',
            name='takes_away',
            field=models.BooleanField(default=False, help_text='Whether its names leave the subscription.'),
        ),
        migrations.AddField(
            model_name='operation',
            name='times_not_done',
            field=models.PositiveIntegerField(default=0, help_text='How often reading proved that it was not.'),
        ),
        migrations.AddField(
            model_name='operation',
            name='turn',
            field=models.PositiveIntegerField(default=0, help_text='Its place in its order: orders are taken in turn.'),
        ),
        migrations.AddField(
            model_name='quote',
            name='term_ends_at',
            field=models.DateTimeField(help_text='The end of the term that ran when it was priced.', null=True),
        ),
        migrations.AddField(
            model_name='transaction',
            name='cost_text',
            field=models.CharField(blank=True, help_text='The amount as the CA wrote it.', max_length=40),
        ),
        migrations.AddField(
            model_name='transaction',
            name='executed_until',
            field=models.DateTimeField(help_text='The latest instant a date without time can mean.', null=True),
        ),
        migrations.AddField(
            model_name='transaction',
            name='explained',
            field=models.CharField(blank=True, choices=[('', 'Not explained'), ('operation', 'By an operation'), ('history', 'Earlier history'), ('person', 'By a person')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='transaction',
            name='explained_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='transaction',
            name='listed_at',
            field=models.DateTimeField(help_text='The last reading that lists it.', null=True),
        ),
        migrations.AddField(
            model_name='transaction',
            name='operation',
            field=models.ForeignKey(help_text='What explains it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transactions', to='subscriptions.operation'),
        ),
        migrations.AddField(
            model_name='transaction',
            name='reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AlterField(
            model_name='eabbinding',
            name='is_said_by_staff',
            field=models.BooleanField(default=False, help_text="Assigned by a person: type and term are that person's word until the CA's first expiry.", verbose_name='said by staff'),
        ),
        migrations.AlterField(
            model_name='operation',
            name='ca_order_number',
            field=models.BigIntegerField(db_index=True, null=True, verbose_name='order number at the CA'),
        ),
        migrations.AlterField(
            model_name='operation',
            name='charged',
            field=models.DecimalField(decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AlterField(
            model_name='operation',
            name='kind',
            field=models.CharField(choices=[('preregister', 'Create ACME account'), ('add_domain', 'Add domain'), ('remove_domain', 'Remove domain')], max_length=20),
        ),
        migrations.AlterField(
            model_name='operation',
            name='price',
            field=models.DecimalField(decimal_places=6, max_digits=18, null=True, verbose_name='confirmed price'),
        ),
        migrations.AlterField(
            model_name='order',
            name='total',
            field=models.DecimalField(decimal_places=6, max_digits=20, verbose_name='confirmed total'),
        ),
        migrations.AlterField(
            model_name='quote',
            name='total',
            field=models.DecimalField(decimal_places=6, max_digits=20, null=True),
        ),
        migrations.AlterField(
            model_name='quoteline',
            name='cost',
            field=models.DecimalField(decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AlterField(
            model_name='transaction',
            name='cost',
            field=models.DecimalField(decimal_places=6, max_digits=18, null=True),
        ),
        migrations.AlterField(
            model_name='transaction',
            name='kind',
            field=models.CharField(help_text="The CA's word, in lower case.", max_length=40),
        ),
        migrations.AddIndex(
            model_name='transaction',
            index=models.Index(condition=models.Q(('explained', '')), fields=['binding'], name='transaction_unexplained'),
        ),
        migrations.AddField(
            model_name='baseline',
            name='binding',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='baselines', to='subscriptions.eabbinding'),
        ),
        migrations.AddField(
            model_name='baseline',
            name='order',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='baselines', to='subscriptions.order'),
        ),
        migrations.AddField(
            model_name='operation',
            name='baseline',
            field=models.ForeignKey(help_text='What the CA showed before the call.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='operations', to='subscriptions.baseline'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['turn', 'id'], name='operation_in_turn'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('dispatched_at__isnull', False), ('state', 'queued')), fields=['dispatched_at'], name='operation_dispatched'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['binding', 'finished_at'], name='operation_ended'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('claimed_at__isnull', False)), fields=['-claimed_at'], name='operation_newest_claim'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('state', 'sending')), fields=['lease_expires_at'], name='operation_leases'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(condition=models.Q(('state', 'unknown')), fields=['next_reading_at'], name='operation_to_read'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['is_charge_open', 'finished_at'], name='operation_open_amounts'),
        ),
        migrations.AddField(
            model_name='finding',
            name='binding',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='subscriptions.eabbinding'),
        ),
        migrations.AddField(
            model_name='finding',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='unassignedaccount',
            name='customer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.customer'),
        ),
        migrations.AddField(
            model_name='unassignedaccount',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='unassignedaccount',
            name='subscription',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_account', to='subscriptions.subscription'),
        ),
        migrations.AddIndex(
            model_name='baseline',
            index=models.Index(fields=['binding', 'order', '-began_at'], name='baseline_newest'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'closed'), _negated=True), fields=('binding', 'sort'), name='one_open_finding_per_sort'),
        ),
    ]
