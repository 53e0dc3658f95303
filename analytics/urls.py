"""Pages of what it adds up to."""

from django.urls import path

from analytics import views

urlpatterns = [
    path("for-you/", views.for_you, name="for_you"),
]
