"""The database refuses what is not the one writing of an e-mail address. Schema only."""

from django.db import migrations

from accounts.address_guard import guard_addresses


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_mails_are_throttled")]

    operations = [guard_addresses()]
