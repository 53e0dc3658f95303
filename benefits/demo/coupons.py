"""The demo's coupon templates, and what became of their coupons."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from benefits.jobs import finish_batch
from benefits.models import ClaimWindow, CouponTemplate
from benefits.rules import Basket, BasketLine
from benefits.services.batches import promise_codes, promise_coupons, promise_to_segment
from benefits.services.checkout import reserve_coupons, use_coupons
from benefits.services.issuing import claim_coupon, issue_coupon
from benefits.services.sharing import join_group, open_group, share_coupon, take_shared
from benefits.services.voiding import void_coupon
from loyalty.models import Channel, ProductCategory, Purchase, Tier
from loyalty.services.purchases import record_purchase
from members.models import Member, Segment, Store

from .scene import Scene

FIRST = "twenty-off"
Kind = CouponTemplate.Kind
Templates = dict[str, CouponTemplate]

TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "code": "friends-price",
        "name_en": "Friends' price: ¥15 off",
        "name_zh": "好友价立减 15 元",
        "kind": Kind.AMOUNT,
        "amount": Decimal(15),
        "minimum_spend": Decimal(60),
        "validity": "14D",
        "per_member_limit": 3,
    },
    {
        "code": FIRST,
        "name_en": "¥20 off your next visit",
        "name_zh": "到店满减券",
        "kind": Kind.AMOUNT,
        "amount": Decimal(20),
        "minimum_spend": Decimal(199),
        "validity": "30D",
        "stock": 500,
        "per_member_limit": 1,
        "friends_per_coupon": 2,
    },
    {
        "code": "tea-week",
        "name_en": "Tea week",
        "name_zh": "茶叶周",
        "kind": Kind.PERCENT,
        "percent": Decimal(12),
        "ceiling": Decimal(50),
        "validity": "7D",
        "per_member_limit": 2,
        "exclusive_group": "seasonal",
    },
    {
        "code": "parcels-free",
        "name_en": "Free delivery",
        "name_zh": "网店包邮券",
        "kind": Kind.SHIPPING,
        "minimum_spend": Decimal(99),
        "validity": "30D",
    },
    {
        "code": "tasters-cup",
        "name_en": "A cup for our tasters",
        "name_zh": "品茶会友随手杯",
        "kind": Kind.GIFT,
        "thing_en": "a stoneware cup",
        "thing_zh": "陶瓷随手杯",
        "validity": "60D",
        "per_member_limit": 1,
    },
    {
        "code": "three-together",
        "name_en": "Three together: ¥30 off",
        "name_zh": "三人拼团券",
        "kind": Kind.AMOUNT,
        "amount": Decimal(30),
        "minimum_spend": Decimal(150),
        "validity": "14D",
        "per_member_limit": 2,
        "group_size": 3,
        "group_hours": 48,
        "is_stackable": False,
    },
    {
        "code": "flyer",
        "name_en": "Welcome to Suzhou Road",
        "name_zh": "新店传单券",
        "kind": Kind.AMOUNT,
        "amount": Decimal(5),
        "validity": "3M/month",
        "stock": 1_000,
    },
    {
        "code": "by-points",
        "name_en": "Voucher of ¥10",
        "name_zh": "10 元礼券",
        "kind": Kind.AMOUNT,
        "amount": Decimal(10),
        "validity": "6M",
    },
    {
        "code": "birthday",
        "name_en": "Birthday treat: 20% off",
        "name_zh": "生日八折券",
        "kind": Kind.PERCENT,
        "percent": Decimal(20),
        "ceiling": Decimal(80),
        "validity": "30D",
        "is_stackable": False,
    },
    {
        "code": "gold-welcome",
        "name_en": "A tasting for new Gold members",
        "name_zh": "金卡迎新品茶",
        "kind": Kind.SERVICE,
        "thing_en": "a tea tasting for one",
        "thing_zh": "单人品茶体验",
        "validity": "90D",
    },
)


def write_templates(scene: Scene) -> Templates:
    """Write every offer, with what each is limited to and who may claim it when."""
    found: Templates = {}
    for terms in TEMPLATES:
        found[terms["code"]] = CouponTemplate.objects.create(**terms)
    shared = found[FIRST]
    shared.friend_template = found["friends-price"]
    shared.save(update_fields=["friend_template"])
    found["tea-week"].categories.set(ProductCategory.objects.filter(code="tea"))
    found["parcels-free"].channels.set(Channel.objects.filter(code="web"))
    found["tasters-cup"].segments.set(Segment.objects.filter(code="tasters"))
    found["flyer"].stores.set(Store.objects.order_by("pk")[:2])
    lowest, *_between, gold, highest = Tier.objects.by_rank()
    _open(found[FIRST], gold, scene, days=-14)
    _open(found[FIRST], lowest, scene, days=-7)
    _open(found["three-together"], lowest, scene, days=-12)
    _open(found["tea-week"], highest, scene, days=2)
    _open(found["tea-week"], lowest, scene, days=4)
    return found


def _open(template: CouponTemplate, tier: Tier, scene: Scene, *, days: int) -> None:
    opens_at = scene.now + timedelta(days=days)
    ClaimWindow.objects.create(
        template=template,
        tier=tier,
        opens_at=opens_at,
        closes_at=scene.now + timedelta(days=21),
    )


def give_coupons(scene: Scene, templates: Templates) -> None:
    """Let coupons be claimed, used, shared, filled up in groups, sent out and printed."""
    for member in scene.some(0, 40):
        claim_coupon(template=templates[FIRST], member=member, key="demo", now=scene.ago(6))
    for number, member in enumerate(scene.some(0, 14)):
        _use(member, f"demo-{number}", scene)
    for member in scene.some(40, 10):
        issue_coupon(template=templates["tea-week"], member=member, key="demo", now=scene.ago(20))
    for member in scene.some(14, 1):
        coupon = member.coupons.earliest("pk")
        void_coupon(coupon=coupon, reason="重复领取 Taken twice", now=scene.now)
    _fill_the_leads_wallet(scene, templates)
    _fill_groups(scene, templates["three-together"])
    _send_out(scene, templates)


def _use(member: Member, key: str, scene: Scene) -> None:
    """Pay ¥260 at the till with the coupon claimed, as of some days ago."""
    coupon = member.coupons.earliest("pk")
    lines = (BasketLine("1", Decimal(168)), BasketLine("2", Decimal(92)))
    at = scene.ago(3)
    reserved = reserve_coupons(
        member=member, codes=[coupon.code], basket=Basket(lines), checkout_key=key, now=at
    )
    purchase = record_purchase(
        source="till",
        external_id=f"{key}-{member.card_number}",
        at=at,
        amount=reserved.payable,
        member=member,
        store=member.home_store,
        now=at,
    )
    use_coupons(member=member, checkout_key=key, purchase=purchase, now=at)


def _fill_the_leads_wallet(scene: Scene, templates: Templates) -> None:
    lead = scene.lead
    coupon = claim_coupon(template=templates[FIRST], member=lead, key="demo", now=scene.ago(6))
    issue_coupon(template=templates["parcels-free"], member=lead, key="demo", now=scene.ago(27))
    issue_coupon(template=templates["tea-week"], member=lead, key="old", now=scene.ago(40))
    bought = Purchase.objects.for_member(lead).latest("at")
    issue_coupon(template=templates["by-points"], member=lead, key="used", now=bought.at)
    used = lead.coupons.get(template=templates["by-points"])
    reserve_coupons(
        member=lead,
        codes=[used.code],
        basket=Basket((BasketLine("1", bought.amount + 10),)),
        checkout_key="demo",
        now=bought.at,
    )
    use_coupons(member=lead, checkout_key="demo", purchase=bought, now=bought.at)
    share = share_coupon(coupon=coupon, now=scene.ago(5))
    for friend in scene.some(50, 1):
        take_shared(code=share.code, member=friend, now=scene.ago(4))


def _fill_groups(scene: Scene, template: CouponTemplate) -> None:
    """One that is full, one whose time ran out, and the lead's, which wants one more."""
    told = ((scene.some(20, 3), 10), (scene.some(23, 2), 5), ([scene.lead, *scene.some(25, 1)], 0))
    for members, days in told:
        if not members:
            continue
        group = open_group(template=template, member=members[0], key="demo", now=scene.ago(days))
        for member in members[1:]:
            join_group(group=group, member=member, now=scene.ago(days))


def _send_out(scene: Scene, templates: Templates) -> None:
    tasters = promise_to_segment(
        template=templates["tasters-cup"],
        segment=Segment.objects.get(code="tasters"),
        key="demo",
        operator=scene.operator,
        now=scene.now,
    )
    batches = [tasters]
    if listed := scene.some(60, 12):
        batches.append(
            promise_coupons(
                template=templates["parcels-free"],
                members=listed,
                key="demo",
                operator=scene.operator,
                now=scene.now,
            )
        )
    codes = promise_codes(
        template=templates["flyer"],
        count=200,
        key="demo",
        operator=scene.operator,
        now=scene.now,
    )
    batches.append(codes)
    for batch in batches:
        finish_batch(batch)
