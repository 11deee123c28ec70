"""What is recorded of an organization pre-validation: organization, contact, status, days. Schema only."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.validators
import subscriptions.models.prevalidations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_setting"),
        ("subscriptions", "0017_quotes_of_many_subscriptions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="prevalidation",
            name="address",
            field=models.TextField(
                blank=True,
                help_text="Street and number, up to three lines.",
                max_length=300,
                validators=[subscriptions.models.prevalidations.validate_address],
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="contact_email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="e-mail address"),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="contact_first_name",
            field=models.CharField(
                blank=True,
                max_length=100,
                validators=[accounts.validators.validate_single_line],
                verbose_name="first name",
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="contact_last_name",
            field=models.CharField(
                blank=True,
                max_length=100,
                validators=[accounts.validators.validate_single_line],
                verbose_name="last name",
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="contact_phone",
            field=models.CharField(
                blank=True, max_length=50, validators=[accounts.validators.validate_single_line], verbose_name="phone"
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="contact_title",
            field=models.CharField(
                blank=True, max_length=100, validators=[accounts.validators.validate_single_line], verbose_name="title"
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="country",
            field=models.CharField(
                blank=True,
                help_text="Two letters, as certificates show it: DE, US.",
                max_length=2,
                validators=[django.core.validators.RegexValidator("^[A-Z]{2}$", "Two letters, such as DE or US.")],
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="locality",
            field=models.CharField(
                blank=True,
                max_length=100,
                validators=[accounts.validators.validate_single_line],
                verbose_name="locality",
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="notes",
            field=models.TextField(blank=True, help_text="For your staff only.", max_length=4000),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="organizational_unit",
            field=models.CharField(
                blank=True, max_length=100, validators=[accounts.validators.validate_single_line], verbose_name="unit"
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="postal_code",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[accounts.validators.validate_single_line],
                verbose_name="postal code",
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="recorded_status",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("in_validation", "In validation"),
                    ("valid", "Valid"),
                    ("replaced", "Replaced"),
                ],
                default="valid",
                max_length=15,
                verbose_name="status",
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replaces",
                to="subscriptions.prevalidation",
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="state",
            field=models.CharField(
                blank=True,
                max_length=100,
                validators=[accounts.validators.validate_single_line],
                verbose_name="state or province",
            ),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="type",
            field=models.CharField(default="OV", max_length=40, verbose_name="certificate type"),
        ),
        migrations.AddField(
            model_name="prevalidation",
            name="valid_from",
            field=models.DateField(blank=True, help_text="Its first valid day, in UTC.", null=True),
        ),
        migrations.AlterField(
            model_name="prevalidation",
            name="organization_name",
            field=models.CharField(
                max_length=200, validators=[accounts.validators.validate_single_line], verbose_name="organization"
            ),
        ),
        migrations.AlterField(
            model_name="prevalidation",
            name="ov_anchor_order_number",
            field=models.CharField(
                help_text="The CA’s order number of the organization pre-validation.",
                max_length=128,
                unique=True,
                validators=[accounts.validators.validate_single_line],
                verbose_name="order number",
            ),
        ),
        migrations.AlterField(
            model_name="prevalidation",
            name="valid_until",
            field=models.DateField(blank=True, help_text="Its last valid day, in UTC.", null=True),
        ),
        migrations.AddIndex(
            model_name="prevalidation",
            index=models.Index(fields=["recorded_status", "valid_until"], name="prevalidation_ends"),
        ),
        migrations.AddConstraint(
            model_name="prevalidation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("recorded_status", "valid"), _negated=True),
                    ("valid_until__isnull", False),
                    _connector="OR",
                ),
                name="valid_prevalidation_has_last_day",
                violation_error_message="A valid one has a last day.",
            ),
        ),
    ]
