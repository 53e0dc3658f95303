"""Where people sign in, sign out and choose their language."""

from django.urls import path

from members import views

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="account_login"),
    path("logout/", views.LogoutView.as_view(), name="account_logout"),
    path("language/", views.set_language, name="set_language"),
]
