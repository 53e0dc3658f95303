"""The demo's coupons, rewards and gifts: laid over the loaded shop, once."""

from django.db import transaction

from benefits.models import CouponTemplate
from common import clock
from loyalty.demo.logins import MEMBER_EMAIL, OPERATOR
from members.models import Member, User

from .coupons import FIRST, give_coupons, write_templates
from .gifts import write_gifts
from .rewards import place_orders, write_rewards
from .scene import Scene

# Enough for every list to have something in it; the rest of the shop goes about its business.
CROWD = 80


@transaction.atomic
def load() -> None:
    """Write the shop's offers and let its members take some; where they are, nothing."""
    if CouponTemplate.objects.filter(code=FIRST).exists():
        return
    lead = Member.objects.get(email=MEMBER_EMAIL)
    crowd = Member.objects.active().exclude(pk=lead.pk).order_by("pk")[:CROWD]
    scene = Scene(
        now=clock.now(),
        lead=lead,
        crowd=list(crowd),
        operator=User.objects.get(username=OPERATOR),
    )
    templates = write_templates(scene)
    give_coupons(scene, templates)
    place_orders(scene, write_rewards(scene, templates))
    write_gifts(scene, templates)
