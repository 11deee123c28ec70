"""How many mails an address was written is counted as tries are: a table of its own goes. Schema only."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_audit_event_indexes")]

    operations = [migrations.DeleteModel("MailAllowance")]
