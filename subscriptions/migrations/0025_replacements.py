"""Misspelt names that are to be replaced, and which line of a quote brings what takes their place. Schema only."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0024_codes_of_accounts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='quoteline',
            name='replaces',
            field=models.ForeignKey(blank=True, help_text='The name that is to go once this one is there.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='subscriptions.domain'),
        ),
        migrations.CreateModel(
            name='Replacement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('called_off_at', models.DateTimeField(null=True)),
                ('addition', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='replacement', to='subscriptions.operation')),
                ('called_off_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('old', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='replacements', to='subscriptions.domain')),
                ('removal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='planned_by', to='subscriptions.operation')),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('called_off_at', None), ('removal', None)), fields=['addition'], name='replacement_without_removal')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('called_off_at', None)), fields=('old',), name='one_replacement_of_a_name')],
            },
        ),
    ]
