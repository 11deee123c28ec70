
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0038_fill_certificates'),
    ]

    operations = [
        migrations.AlterField(
            model_name='certificate',
            name='code',
            field=models.UUIDField(default=uuid.uuid4, editable=False, help_text='That of the name.', unique=True),
        ),
        migrations.AlterField(
            model_name='certificate',
            name='name',
            field=models.CharField(editable=False, help_text='That of the name: lists are ordered by it.', max_length=255),
        ),
    ]
