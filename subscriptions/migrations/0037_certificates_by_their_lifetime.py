
import datetime
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0036_moved_here'),
    ]

    operations = [
        migrations.CreateModel(
            name='IssuedCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial_number', models.CharField(max_length=100)),
                ('valid_from', models.DateTimeField(null=True)),
                ('valid_until', models.DateTimeField(null=True)),
                ('ca_order_number', models.BigIntegerField(null=True)),
                ('acme_account_id', models.CharField(blank=True, max_length=64)),
                ('first_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('renewed_at', models.DateTimeField(help_text='When a newer one was first listed.', null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('replaced_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-valid_from', '-pk'],
            },
        ),
        migrations.AlterModelOptions(
            name='certificate',
            options={'ordering': ['name']},
        ),
        migrations.AddField(
            model_name='certificate',
            name='ari_starts_at',
            field=models.DateTimeField(help_text='From when on the CA wants it renewed (RFC 9773), where it was read for this one.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='code',
            field=models.UUIDField(editable=False, help_text='That of the name.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='covered_by',
            field=models.ForeignKey(help_text='The wildcard; empty: its own.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='subscriptions.domain'),
        ),
        migrations.AddField(
            model_name='certificate',
            name='due_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='failed_code',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='failed_description',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='certificate',
            name='gone_at',
            field=models.DateTimeField(help_text='When it was seen that the name was removed.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='issued_account_id',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='certificate',
            name='issued_order_number',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='issued_seen_at',
            field=models.DateTimeField(help_text='When it was first listed; empty: nothing was issued.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='late_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='name',
            field=models.CharField(default='', editable=False, help_text='That of the name: lists are ordered by it.', max_length=255),
        ),
        migrations.AddField(
            model_name='certificate',
            name='never_issued_since',
            field=models.DateTimeField(help_text='Since when the name is there without one.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='ordered_failed_since',
            field=models.DateTimeField(help_text='When it was first seen that an order after the last certificate failed.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='renewable_until',
            field=models.DateTimeField(help_text='Until when its subscription can issue another; empty: it cannot.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='replaced_at',
            field=models.DateTimeField(help_text='When it was first seen that the CA replaced it.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='revoked_at',
            field=models.DateTimeField(help_text='When it was first seen that it is revoked.', null=True),
        ),
        migrations.AddField(
            model_name='certificate',
            name='sort_at',
            field=models.DateTimeField(default=datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), help_text='The end, or a day that never comes.'),
        ),
        migrations.AddField(
            model_name='certificate',
            name='standing',
            field=models.CharField(default="none", help_text="What the CA’s word comes to.", max_length=10),
        ),
        migrations.AlterField(
            model_name='certificate',
            name='seen_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='When it was listed last.'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['sort_at', 'id'], name='certificate_by_end'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['name', 'id'], name='certificate_by_name'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('gone_at__isnull', True)), fields=['standing', 'sort_at', 'id'], name='certificate_by_standing'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('renewable_until__isnull', False)), fields=['standing', 'late_at'], name='certificate_renewable_late'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('renewable_until__isnull', False)), fields=['standing', 'due_at'], name='certificate_renewable_due'),
        ),
        migrations.AddIndex(
            model_name='certificate',
            index=models.Index(condition=models.Q(('renewable_until__isnull', False)), fields=['sort_at'], name='certificate_renewable_end'),
        ),
        migrations.AddField(
            model_name='issuedcertificate',
            name='domain',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='issued_certificates', to='subscriptions.domain'),
        ),
        migrations.AddIndex(
            model_name='issuedcertificate',
            index=models.Index(fields=['first_seen_at'], name='issued_certificate_seen'),
        ),
        migrations.AddConstraint(
            model_name='issuedcertificate',
            constraint=models.UniqueConstraint(fields=('domain', 'serial_number'), name='issued_certificate_once_per_name'),
        ),
    ]
