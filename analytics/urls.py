"""What is suggested to members, what the portal tells of itself, and whether it may."""

from django.urls import path

from analytics import views

urlpatterns = [
    path("for-you/", views.for_you, name="for_you"),
    path("seen/", views.seen, name="seen"),
    path("visits/", views.visits, name="visits"),
]
