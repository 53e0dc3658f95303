"""Pages of what members get."""

from django.urls import path

from benefits import views

urlpatterns = [
    path("", views.home, name="home"),
    path("card/code.svg", views.card_code, name="card_code"),
    path("tiers.css", views.tier_styles, name="tier_styles"),
    path("coupons/", views.coupons, name="coupons"),
    path("coupons/enter/", views.enter_coupon, name="enter_coupon"),
    path("coupons/offers/", views.coupon_offers, name="coupon_offers"),
    path("coupons/offers/<int:pk>/claim/", views.claim_offer, name="claim_offer"),
    path("coupons/<int:pk>/", views.coupon_detail, name="coupon"),
    path("coupons/<int:pk>/code.svg", views.coupon_code, name="coupon_code"),
    path("coupons/<int:pk>/bars.svg", views.coupon_bars, name="coupon_bars"),
]
