"""Routes of the customers' people."""

from django.urls import path

from subscriptions.views import error_texts
from subscriptions.views import help as help_pages
from subscriptions.views.customer import (
    activity,
    certificates,
    home,
    name_checks,
    names,
    organizations,
    people,
    requests,
    search,
    served,
    setup,
    subscription,
)

urlpatterns = [
    path("", home.my_home, name="my-home"),
    path("customers/<uuid:code>/activity/", activity.my_activity, name="my-activity"),
    path("customers/<uuid:code>/activity/export/", activity.my_activity_export, name="my-activity-export"),
    path("people/<uuid:code>/", people.my_people, name="my-people"),
    path("people/<uuid:code>/export/", people.my_people_export, name="my-people-export"),
    path("search/", search.my_search, name="my-search"),
    path("certificates/", certificates.my_certificate_list, name="my-certificate-list"),
    path("certificates/export/", certificates.my_certificate_export, name="my-certificate-export"),
    path("names/<uuid:code>/", certificates.my_name, name="my-name"),
    path("names/<uuid:code>/served/", served.my_served_look, name="my-served-look"),
    path("names/<uuid:code>/served/status/", served.my_served_status, name="my-served-status"),
    path("organizations/", organizations.my_organizations, name="my-organizations"),
    path("organizations/export/", organizations.my_organization_export, name="my-organization-export"),
    path("requests/", requests.my_requests, name="my-requests"),
    path("requests/export/", requests.my_request_export, name="my-request-export"),
    path("requests/<uuid:code>/", requests.my_request, name="my-request"),
    path("requests/<uuid:code>/withdraw/", requests.my_request_withdraw, name="my-request-withdraw"),
    path("help/", help_pages.help_list, name="help-list"),
    path("help/explain/", error_texts.error_explain, name="error-explain"),
    path("help/<slug:slug>/", help_pages.help_topic, name="help-topic"),
    path("sandbox-ca.pem", setup.my_sandbox_ca, name="my-sandbox-ca"),
    path("subscriptions/<uuid:code>/", subscription.my_subscription, name="my-subscription"),
    path("subscriptions/<uuid:code>/status/", subscription.my_subscription_status, name="my-subscription-status"),
    path("subscriptions/<uuid:code>/names/", names.my_names, name="my-names"),
    path("subscriptions/<uuid:code>/names/export/", names.my_name_export, name="my-name-export"),
    path("subscriptions/<uuid:code>/names/<uuid:name_code>/check/", name_checks.my_name_check, name="my-name-check"),
    path(
        "subscriptions/<uuid:code>/names/<uuid:name_code>/check/status/",
        name_checks.my_name_check_status,
        name="my-name-check-status",
    ),
    path("subscriptions/<uuid:code>/ask/names/", requests.my_request_names, name="my-request-names"),
    path("subscriptions/<uuid:code>/ask/extension/", requests.my_request_extension, name="my-request-extension"),
    path("subscriptions/<uuid:code>/ask/removal/", requests.my_request_removal, name="my-request-removal"),
    path("subscriptions/<uuid:code>/key/", subscription.my_key_reveal, name="my-key-reveal"),
    path("subscriptions/<uuid:code>/setup/", setup.my_setup, name="my-setup"),
    path("subscriptions/<uuid:code>/setup/<slug:client>/", setup.my_setup_client, name="my-setup-client"),
    path(
        "subscriptions/<uuid:code>/setup/<slug:client>/files/<slug:block>/", setup.my_setup_file, name="my-setup-file"
    ),
]
