"""The catalogue: what points buy, for whom and when, and how many there are."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from benefits.rules import rewards as rules
from benefits.rules.claims import Window
from common.models import Named, in_active_language
from common.money import MoneyField
from loyalty.models import Tier
from members.models import Member, Segment

from .templates import CouponTemplate
from .windows import TierWindow

POSITIVE = [MinValueValidator(1)]


class RewardQuerySet(models.QuerySet["Reward"]):
    def whole(self) -> Self:
        """With what decides about price, time and members, in as many queries for any number."""
        named = self.select_related("coupon_template", "picture")
        # The pages ask for pictures by addresses of their own.
        prices = RewardPrice.objects.select_related("tier")
        windows = RewardWindow.objects.select_related("tier")
        return named.defer("picture__content").prefetch_related(
            models.Prefetch("prices", prices.only("reward", "points", "tier__rank")),
            models.Prefetch(
                "windows", windows.only("reward", "opens_at", "closes_at", "tier__rank")
            ),
            "segments",
            "coupon_template__tiers",
            "coupon_template__segments",
        )

    def catalogue(self, at: datetime) -> Self:
        """What can be redeemed now or later, the cheapest first."""
        unended = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
        return self.filter(unended, is_active=True).whole().order_by("points", "pk")

    def take(self) -> bool:
        """Move one piece out of the stock; false where none is left."""
        left = Q(stock__isnull=True) | Q(taken__lt=F("stock"))
        return self.filter(left).update(taken=F("taken") + 1) == 1

    def give_back(self, pieces: int) -> bool:
        """Move pieces back into the stock."""
        return self.filter(taken__gte=pieces).update(taken=F("taken") - pieces) == 1


class Reward(Named):
    """An item of the catalogue. Orders copy its price; a later change is for later orders.

    `taken` counts the pieces that orders hold, and moves by conditional update only. A tier with
    a row of its own among `prices` pays that; so do tiers above it. Without windows everyone may
    redeem it from `starts_at` until before `ends_at`; with them only members of these tiers and
    above, each from their own window on.
    """

    class Kind(models.TextChoices):
        GOODS = "goods", _("goods")
        SERVICE = "service", _("service")
        COUPON = "coupon", _("coupon")
        LOTTERY = "lottery", _("lottery entry")

    code = models.SlugField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    description_en = models.TextField(_("description in English"), max_length=2000, blank=True)
    description_zh = models.TextField(_("description in Chinese"), max_length=2000, blank=True)
    is_active = models.BooleanField(
        _("in the catalogue"), default=True, help_text=_("Orders that are placed stay.")
    )
    points = models.PositiveBigIntegerField(_("price in points"), validators=POSITIVE)
    money = MoneyField(
        _("and in money"),
        null=True,
        blank=True,
        help_text=_("Shown with the price, and paid when it is handed over."),
    )
    promotional_points = models.PositiveBigIntegerField(
        _("promotional price"), null=True, blank=True, validators=POSITIVE
    )
    promotion_starts_at = models.DateTimeField(_("promotion from"), null=True, blank=True)
    promotion_ends_at = models.DateTimeField(_("promotion until"), null=True, blank=True)
    starts_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    stock = models.PositiveIntegerField(
        _("stock"), null=True, blank=True, help_text=_("Left empty, there is no end of them.")
    )
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    per_member_limit = models.PositiveIntegerField(_("most per member"), null=True, blank=True)
    is_numbered = models.BooleanField(
        _("limited edition"),
        default=False,
        help_text=_("Each piece has its number, from 1 to the stock."),
    )
    is_sent = models.BooleanField(
        _("sent by post"),
        default=False,
        help_text=_("Members say where to; otherwise they collect it with a pick-up code."),
    )
    return_days = models.PositiveSmallIntegerField(
        _("days to return it"),
        default=7,
        help_text=_("Counted from when the member has it; 0: not at all."),
    )
    minimum_spend = MoneyField(_("minimum purchase"), null=True, blank=True)
    spend_days = models.PositiveSmallIntegerField(
        _("within days"),
        null=True,
        blank=True,
        help_text=_("Purchases less refunds of so many days; left empty, of all time."),
    )
    segments = models.ManyToManyField(
        Segment,
        verbose_name=_("segments"),
        blank=True,
        related_name="+",
        help_text=_("Only their members see and redeem it; left empty, everyone does."),
    )
    coupon_template = models.ForeignKey(
        CouponTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rewards",
        verbose_name=_("coupon template"),
    )

    objects = RewardQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[segments], excluded_fields=["taken"])

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="reward_code_once"),
            models.CheckConstraint(
                condition=Q(kind__in=("goods", "service", "lottery"), coupon_template__isnull=True)
                | Q(kind="coupon", coupon_template__isnull=False),
                name="reward_coupon_names_its_offer",
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="reward_points_positive"),
            models.CheckConstraint(
                condition=Q(money__isnull=True) | Q(money__gt=0), name="reward_money_positive"
            ),
            models.CheckConstraint(
                condition=Q(
                    promotional_points__isnull=True,
                    promotion_starts_at__isnull=True,
                    promotion_ends_at__isnull=True,
                )
                | Q(
                    promotional_points__isnull=False,
                    promotional_points__gt=0,
                    promotion_starts_at__isnull=False,
                    promotion_ends_at__isnull=False,
                    promotion_ends_at__gt=F("promotion_starts_at"),
                ),
                name="reward_promotion_has_price_and_time",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="reward_opens_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(taken__lte=F("stock")),
                name="reward_within_stock",
            ),
            models.CheckConstraint(
                condition=Q(per_member_limit__isnull=True) | Q(per_member_limit__gt=0),
                name="reward_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(is_numbered=False) | Q(kind="goods", stock__isnull=False),
                name="reward_edition_has_stock",
            ),
            models.CheckConstraint(
                condition=Q(is_sent=False) | Q(kind="goods"), name="reward_only_goods_are_sent"
            ),
            models.CheckConstraint(
                condition=Q(minimum_spend__isnull=True, spend_days__isnull=True)
                | Q(minimum_spend__isnull=False, minimum_spend__gt=0),
                name="reward_minimum_positive",
            ),
        ]

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Write what is said of the reward; the counter of pieces is never overwritten."""
        if update_fields is None and not self._state.adding:
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name != "taken"
            ]
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def description(self) -> str:
        """What it is, in the active language."""
        return in_active_language(self.description_en, self.description_zh)

    @property
    def left(self) -> int | None:
        """How many can still be redeemed; None for no end."""
        return None if self.stock is None else max(0, self.stock - self.taken)

    @property
    def is_lottery(self) -> bool:
        return self.kind == self.Kind.LOTTERY

    @property
    def is_handed_over(self) -> bool:
        """Whether an operator fulfils it: sends it, or has it ready to be collected."""
        return self.kind in (self.Kind.GOODS, self.Kind.SERVICE)

    def availability(self) -> rules.Availability:
        """What the rules need to know of it: nobody pays for a coupon that is not for them."""
        offer = self.coupon_template
        return rules.Availability(
            is_active=self.is_active,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            windows=[
                Window(window.tier.rank, window.opens_at, window.closes_at)
                for window in self.windows.all()
            ],
            left=self._left_with(offer),
            limit=self.per_member_limit,
            tiers=_ids(offer.tiers) if offer else frozenset(),
            segments=[_ids(self.segments), _ids(offer.segments) if offer else frozenset()],
        )

    def _left_with(self, offer: CouponTemplate | None) -> int | None:
        """How many can be had: no more than its offer gives out."""
        if offer is None:
            return self.left
        given = offer.left if offer.is_active else 0
        counted = [left for left in (self.left, given) if left is not None]
        return min(counted, default=None)

    def price_for(self, rank: int | None, at: datetime) -> rules.Price:
        """What it costs a member of a rank at an instant."""
        promotion = None
        if self.promotional_points and self.promotion_starts_at and self.promotion_ends_at:
            promotion = rules.Promotion(
                self.promotional_points, self.promotion_starts_at, self.promotion_ends_at
            )
        return rules.price_of(
            self.points,
            [(price.tier.rank, price.points) for price in self.prices.all()],
            rank=rank,
            promotion=promotion,
            at=at,
            money=self.money and Decimal(self.money),
        )


def _ids(rows: models.Manager[Any]) -> frozenset[int]:
    return frozenset(row.pk for row in rows.all())


class RewardPrice(models.Model):
    """What members of a tier, and of those above it, pay in points."""

    # A price means nothing without its reward.
    reward = models.ForeignKey(Reward, models.CASCADE, related_name="prices")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+", verbose_name=_("from tier"))
    points = models.PositiveBigIntegerField(_("price in points"), validators=POSITIVE)

    class Meta:
        verbose_name = _("price of a tier")
        verbose_name_plural = _("prices of tiers")
        constraints = [
            models.UniqueConstraint(fields=["reward", "tier"], name="rewardprice_once_per_tier"),
            models.CheckConstraint(condition=Q(points__gt=0), name="rewardprice_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.tier}: {self.points}"


class RewardWindow(TierWindow):
    """When members of a tier, and of those above it, may redeem a reward."""

    # A window means nothing without its reward.
    reward = models.ForeignKey(Reward, models.CASCADE, related_name="windows")
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)

    class Meta:
        verbose_name = _("time to redeem")
        verbose_name_plural = _("times to redeem")
        constraints = [
            models.UniqueConstraint(fields=["reward", "tier"], name="rewardwindow_once_per_tier"),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="rewardwindow_opens_before_it_closes",
            ),
        ]


class RewardPicture(models.Model):
    """A reward's picture, checked to be one; in the database, so that a backup holds it."""

    # A picture means nothing without its reward.
    reward = models.OneToOneField(Reward, models.CASCADE, related_name="picture")
    media_type = models.CharField(_("media type"), max_length=20)
    content = models.BinaryField(_("picture"))
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("picture of a reward")
        verbose_name_plural = _("pictures of rewards")
        constraints = [
            models.CheckConstraint(
                condition=Q(media_type__in=("image/png", "image/jpeg", "image/webp", "image/gif")),
                name="rewardpicture_is_a_picture",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id} · {self.media_type}"


class RewardCounterQuerySet(models.QuerySet["RewardCounter"]):
    def open_for(self, reward: Reward, member: Member) -> None:
        """Have a counter for this member."""
        self.bulk_create([RewardCounter(reward=reward, member=member)], ignore_conflicts=True)

    def count_up(self, *, most: int | None) -> bool:
        """Count one more, within the limit."""
        may = self if most is None else self.filter(taken__lt=most)
        return may.update(taken=F("taken") + 1) == 1

    def count_down(self) -> bool:
        """Count one less: its order was given back."""
        return self.filter(taken__gt=0).update(taken=F("taken") - 1) == 1


class RewardCounter(models.Model):
    """How many orders of a reward one member has that were not given back."""

    reward = models.ForeignKey(Reward, models.PROTECT, related_name="counters")
    member = models.ForeignKey(Member, models.PROTECT, related_name="reward_counters")
    taken = models.PositiveIntegerField(pgettext_lazy("reward", "taken"), default=0)

    objects = RewardCounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("rewards per member")
        verbose_name_plural = _("rewards per member")
        constraints = [
            models.UniqueConstraint(
                fields=["reward", "member"], name="rewardcounter_once_per_member"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reward_id}/{self.member_id}: {self.taken}"
