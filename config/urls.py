"""Every route of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# One sign-in for everyone: the admin has no password form of its own.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("common.urls")),
    path("", include("members.urls")),
    path("", include("benefits.urls")),
    path("", include("loyalty.urls")),
    path("", include("analytics.urls")),
]
