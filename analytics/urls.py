"""What the portal tells of itself, and where members decide whether it may."""

from django.urls import path

from analytics import views

urlpatterns = [
    path("seen/", views.seen, name="seen"),
    path("visits/", views.visits, name="visits"),
]
