"""Pages of what members get."""

from django.urls import path

from benefits import views

urlpatterns = [
    path("", views.home, name="home"),
    path("card/code.svg", views.card_code, name="card_code"),
    path("tiers.css", views.tier_styles, name="tier_styles"),
]
