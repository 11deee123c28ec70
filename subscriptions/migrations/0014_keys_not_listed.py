from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0013_anchors_left'),
    ]

    operations = [
        migrations.AddField(
            model_name='unassignedaccount',
            name='not_listed_since',
            field=models.DateTimeField(help_text='Since when complete lists lack it; one list is not enough to call it gone.', null=True),
        ),
    ]
