"""Routes of everything about subscriptions: staff pages under /staff/, customers' pages under /my/."""

from django.urls import include, path

from subscriptions.urls import customer, staff

app_name = "subscriptions"

urlpatterns = [
    path("staff/", include(staff.urlpatterns)),
    path("my/", include(customer.urlpatterns)),
]
