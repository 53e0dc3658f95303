"""What makes the portal an app on a phone."""

from django.urls import path

from common import views

urlpatterns = [
    path("manifest.webmanifest", views.manifest, name="manifest"),
    # At the top, so that the worker may answer for every page.
    path("service-worker.js", views.service_worker, name="service_worker"),
    path("offline/", views.offline, name="offline"),
]
