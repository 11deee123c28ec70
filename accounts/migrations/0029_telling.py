"""What people are told: matters, tellings, choices, and how far events were looked at."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0028_limited_places'),
    ]

    operations = [
        migrations.CreateModel(
            name='NoticeCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('notice', models.CharField(max_length=50, unique=True)),
                ('looked_until', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Matter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('notice', models.CharField(max_length=50)),
                ('key', models.CharField(max_length=200)),
                ('is_event', models.BooleanField(default=False)),
                ('subscription_code', models.UUIDField(null=True)),
                ('about_kind', models.CharField(blank=True, max_length=30)),
                ('about_code', models.UUIDField(null=True)),
                ('about_name', models.CharField(blank=True, max_length=300)),
                ('facts', models.JSONField(default=dict)),
                ('began_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('spread_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('solved_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.customer')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=[('by_urgency', 'Urgent ones at once, the others in one mail a day'), ('at_once', 'All at once'), ('digest', 'All in one mail a day'), ('never', 'No mails')], default='by_urgency', max_length=10)),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.customer')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notice_choices', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Telling',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('address', models.EmailField(blank=True, max_length=254, verbose_name='role address')),
                ('is_solution', models.BooleanField(default=False)),
                ('how', models.CharField(choices=[('at_once', 'At once'), ('digest', 'In the daily digest'), ('bell', 'In the portal only')], max_length=10)),
                ('due_at', models.DateTimeField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('is_new', models.BooleanField(default=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('mail', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tellings', to='accounts.mail')),
                ('matter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tellings', to='accounts.matter')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['spread_at'], name='matter_to_spread'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('closed_at', None), ('solved_at__isnull', False)), fields=['solved_at'], name='matter_to_close'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['notice', 'key', '-told_at'], name='matter_of_key'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['closed_at'], name='matter_closed'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None), ('is_event', False)), fields=('notice', 'key'), name='matter_once_while_it_lasts'),
        ),
        migrations.AddConstraint(
            model_name='matter',
            constraint=models.UniqueConstraint(condition=models.Q(('is_event', True)), fields=('notice', 'key'), name='matter_once_an_event'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.UniqueConstraint(fields=('person', 'customer'), name='notice_choice_once_a_customer'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.UniqueConstraint(condition=models.Q(('customer', None)), fields=('person',), name='notice_choice_once_for_the_staff'),
        ),
        migrations.AddIndex(
            model_name='telling',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='telling_due'),
        ),
        migrations.AddIndex(
            model_name='telling',
            index=models.Index(condition=models.Q(('is_new', True), ('is_solution', False)), fields=['person'], name='telling_new'),
        ),
        migrations.AddIndex(
            model_name='telling',
            index=models.Index(condition=models.Q(('is_solution', False)), fields=['person', '-id'], name='telling_of_person'),
        ),
        migrations.AddConstraint(
            model_name='telling',
            constraint=models.UniqueConstraint(condition=models.Q(('person__isnull', False)), fields=('matter', 'person', 'is_solution'), name='telling_once_a_person'),
        ),
        migrations.AddConstraint(
            model_name='telling',
            constraint=models.UniqueConstraint(condition=models.Q(('person', None)), fields=('matter', 'address', 'is_solution'), name='telling_once_an_address'),
        ),
    ]
