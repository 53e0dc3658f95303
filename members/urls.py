"""Where people sign in, sign out, choose their language and read what they are told."""

from django.urls import path

from members import views
from members.views import erasure, me, privacy

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="account_login"),
    path("logout/", views.LogoutView.as_view(), name="account_logout"),
    path("language/", views.set_language, name="set_language"),
    path("birthday/", views.birthday, name="birthday"),
    path("me/", me.me, name="me"),
    path("me/profile/", me.profile, name="profile"),
    path("me/privacy/", privacy.privacy, name="privacy"),
    path("me/privacy/consent/", privacy.set_consent, name="set_consent"),
    path("me/privacy/data.json", privacy.data_json, name="data_json"),
    path("me/privacy/data.zip", privacy.data_csv, name="data_csv"),
    path("me/erase/", erasure.erase, name="erase"),
    path("me/erase/keep/", erasure.keep, name="keep"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read_notices, name="read_notices"),
]
