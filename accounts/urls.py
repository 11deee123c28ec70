"""Routes of people: invitations, what each is told, and a customer's own people."""

from django.urls import path

from accounts.views import invitations, notices, people
from accounts.views.mail_events import mail_events
from accounts.views.profile import profile

app_name = "accounts"

urlpatterns = [
    path("invitations/accept/", invitations.invitation_accept, name="invitation-accept"),
    path("invitations/<str:token>/", invitations.invitation_open, name="invitation-open"),
    path("profile/", profile, name="profile"),
    path("mail-events/<slug:provider>/", mail_events, name="mail-events"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/read/", notices.notices_read, name="notices-read"),
    path("notices/choices/", notices.notice_choices, name="notice-choices"),
    path("notices/<uuid:code>/", notices.notice_open, name="notice-open"),
    path("notices/<uuid:code>/read/", notices.notice_read, name="notice-read"),
    path("my/people/", people.people, name="people"),
    path("my/people/<uuid:code>/invite/", people.member_invite, name="member-invite"),
    path("my/people/<uuid:code>/members/<uuid:person_code>/edit/", people.member_edit, name="member-edit"),
    path("my/people/<uuid:code>/members/<uuid:person_code>/remove/", people.member_remove, name="member-remove"),
    path(
        "my/people/<uuid:code>/invitations/<uuid:invitation_code>/revoke/",
        people.member_invitation_revoke,
        name="member-invitation-revoke",
    ),
]
