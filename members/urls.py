"""Where people sign in, sign out, choose their language and read what they are told."""

from django.urls import path

from members import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="account_login"),
    path("logout/", views.LogoutView.as_view(), name="account_logout"),
    path("language/", views.set_language, name="set_language"),
    path("birthday/", views.birthday, name="birthday"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.read_notices, name="read_notices"),
]
