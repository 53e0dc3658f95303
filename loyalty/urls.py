"""Pages of what members hold."""

from django.urls import path

from loyalty import views

urlpatterns = [
    path("points/", views.points, name="points"),
    path("tier/", views.tier, name="tier"),
    path("check-in/", views.check_ins, name="check_in"),
    path("check-in/today/", views.check_in_today, name="check_in_today"),
]
