from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_single_line_names"),
        ("subscriptions", "0004_single_line_names"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="operation", name="one_unsettled_add_per_name"),
        migrations.RemoveConstraint(model_name="operation", name="one_preregister_per_subscription"),
        migrations.RemoveField(model_name="operation", name="baseline"),
        migrations.RemoveField(model_name="order", name="baseline"),
        migrations.RemoveField(model_name="eabbinding", name="sequence"),
        migrations.RenameField(model_name="eabbinding", old_name="is_adopted", new_name="is_said_by_staff"),
    ]
