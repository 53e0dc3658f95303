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
    path("coupons/<int:pk>/share/", views.share_coupon, name="share_coupon"),
    path("coupons/shared/<str:code>/", views.shared_coupon, name="shared_coupon"),
    path("coupons/shared/<str:code>/take/", views.take_shared, name="take_shared"),
    path("coupons/offers/<int:pk>/group/", views.open_group, name="open_group"),
    path("coupons/groups/<str:code>/", views.coupon_group, name="coupon_group"),
    path("coupons/groups/<str:code>/join/", views.join_group, name="join_group"),
    path("events/", views.events, name="events"),
    path("events/mine/", views.my_events, name="my_events"),
    path("events/<int:pk>/", views.event_detail, name="event"),
    path("events/<int:pk>/picture/<str:digest>/", views.event_picture, name="event_picture"),
    path("events/sessions/<int:pk>/register/", views.register_for_event, name="register_for_event"),
    path("events/sessions/<int:pk>/wait/", views.wait_for_event, name="wait_for_event"),
    path("events/places/<int:pk>/", views.event_place, name="event_place"),
    path("events/places/<int:pk>/code.svg", views.event_ticket, name="event_ticket"),
    path("events/places/<int:pk>/event.ics", views.event_calendar, name="event_calendar"),
    path("events/places/<int:pk>/accept/", views.accept_place, name="accept_place"),
    path("events/places/<int:pk>/cancel/", views.cancel_place, name="cancel_place"),
    path("rewards/", views.rewards, name="rewards"),
    path("rewards/<int:pk>/", views.reward_detail, name="reward"),
    path("rewards/<int:pk>/picture/<str:digest>/", views.reward_picture, name="reward_picture"),
    path("rewards/<int:pk>/redeem/", views.redeem, name="redeem"),
    path("rewards/orders/", views.reward_orders, name="reward_orders"),
    path("rewards/orders/<int:pk>/", views.reward_order, name="reward_order"),
    path("rewards/orders/<int:pk>/code.svg", views.pickup_code, name="pickup_code"),
    path("rewards/orders/<int:pk>/cancel/", views.cancel_reward_order, name="cancel_reward_order"),
    path("rewards/orders/<int:pk>/return/", views.return_reward, name="return_reward"),
]
