"""Pages of what members hold."""

from django.urls import path

from loyalty import views

urlpatterns = [
    path("points/", views.points, name="points"),
]
