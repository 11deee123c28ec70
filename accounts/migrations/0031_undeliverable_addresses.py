"""Addresses that mails do not reach; and a customer's address is one for notices."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0030_planned_runs'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customer',
            name='contact_email',
            field=models.EmailField(blank=True, help_text='A role address, such as certificates@…: it gets the customer’s notices besides its people. Their links ask for a sign-in.', max_length=254, verbose_name='address for notices'),
        ),
        migrations.CreateModel(
            name='UndeliverableAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('address', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('reason', models.CharField(choices=[('bounced', 'Mails come back'), ('complained', 'Called unwanted by its reader'), ('rejected', 'Refused by the mail provider')], max_length=10)),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='the mail provider’s words')),
                ('marked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('cleared_at', models.DateTimeField(null=True)),
                ('cleared_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'undeliverable addresses',
                'ordering': ['-marked_at'],
                'indexes': [models.Index(condition=models.Q(('cleared_at', None)), fields=['-marked_at'], name='undeliverable_now')],
            },
        ),
    ]
