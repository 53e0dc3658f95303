"""Offers: what a coupon gives, whom and for how long, and how many there are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from benefits.rules.coupons import Takes
from common import clock
from common.models import Named
from common.money import MoneyField
from common.periods import Period, PeriodField
from loyalty.models import Channel, ProductCategory, Tier
from members.models import Member, Segment, Store

from .windows import TierWindow

KINDS = tuple(kind.value for kind in Takes)


class CouponTerms(Named):
    """What a coupon gives: written in a template, and copied onto each coupon when it is issued."""

    class Kind(models.TextChoices):
        AMOUNT = Takes.AMOUNT, _("amount off")
        PERCENT = Takes.PERCENT, _("percentage off")
        SHIPPING = Takes.SHIPPING, _("free shipping")
        GIFT = Takes.GIFT, pgettext_lazy("coupon", "gift")
        SERVICE = Takes.SERVICE, _("service")

    kind = models.CharField(_("kind"), max_length=13, choices=Kind.choices)
    amount = MoneyField(_("amount off"), null=True, blank=True)
    percent = models.DecimalField(
        _("percentage off"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    ceiling = MoneyField(_("at most"), null=True, blank=True)
    thing_en = models.CharField(_("gift or service in English"), max_length=120, blank=True)
    thing_zh = models.CharField(_("gift or service in Chinese"), max_length=120, blank=True)
    minimum_spend = MoneyField(_("minimum spend"), null=True, blank=True)
    is_stackable = models.BooleanField(_("can be combined with others"), default=True)
    exclusive_group = models.SlugField(_("exclusive group"), max_length=40, blank=True)

    # What is copied; conditions and dates are worked out besides.
    TERMS = (
        "name_en",
        "name_zh",
        "kind",
        "amount",
        "percent",
        "ceiling",
        "thing_en",
        "thing_zh",
        "minimum_spend",
        "is_stackable",
        "exclusive_group",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="amount_off",
                    amount__isnull=False,
                    amount__gt=0,
                    percent__isnull=True,
                )
                | Q(
                    kind="percent_off",
                    percent__isnull=False,
                    percent__gt=0,
                    percent__lte=100,
                    amount__isnull=True,
                )
                | Q(kind="free_shipping", amount__isnull=True, percent__isnull=True)
                | (
                    Q(kind__in=("gift", "service"), amount__isnull=True, percent__isnull=True)
                    & ~Q(thing_en="")
                ),
                name="%(class)s_gives_what_it_says",
            ),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | Q(kind="percent_off", ceiling__gt=0),
                name="%(class)s_ceiling_of_percentage",
            ),
            models.CheckConstraint(
                condition=Q(minimum_spend__isnull=True) | Q(minimum_spend__gt=0),
                name="%(class)s_minimum_positive",
            ),
        ]


class CouponTemplateQuerySet(models.QuerySet["CouponTemplate"]):
    def locked(self) -> Self:
        """The row as a lock on who gets its coupons, before those of counters and coupons."""
        # Rows that only point here, as every coupon does, may go on being written.
        return self.select_for_update(no_key=True)

    def take_stock(self, count: int) -> bool:
        """Move so many out of the stock, all of them or none."""
        left = Q(stock__isnull=True) | Q(issued__lte=F("stock") - count)
        return self.filter(left).update(issued=F("issued") + count) == 1

    def offered(self, at: datetime) -> Self:
        """What members may claim on the portal now or later: there is a window still to close."""
        open_windows = ClaimWindow.objects.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=at))
        return (
            self.filter(is_active=True, pk__in=open_windows.values("template"))
            .prefetch_related(
                "windows__tier", "categories", "stores", "channels", "tiers", "segments"
            )
            .order_by("-pk")
        )


class CouponTemplate(CouponTerms):
    """An offer. Its coupons copy what it says; a later change is for later coupons.

    Coupons are valid through `ends_on`, or for a period from their issue, and not before
    `starts_on`. `issued` counts coupons that exist or are promised by an unfinished batch; it
    moves by conditional update only and never goes down: who voids coupons can raise the stock.
    """

    code = models.SlugField(_("code"), max_length=40)
    is_active = models.BooleanField(
        _("being given out"), default=True, help_text=_("Coupons that are out already stay valid.")
    )
    categories = models.ManyToManyField(
        ProductCategory, verbose_name=_("product categories"), blank=True, related_name="+"
    )
    stores = models.ManyToManyField(Store, verbose_name=_("stores"), blank=True, related_name="+")
    channels = models.ManyToManyField(
        Channel, verbose_name=_("channels"), blank=True, related_name="+"
    )
    tiers = models.ManyToManyField(Tier, verbose_name=_("tiers"), blank=True, related_name="+")
    segments = models.ManyToManyField(
        Segment, verbose_name=_("segments"), blank=True, related_name="+"
    )
    starts_on = models.DateField(_("valid from"), null=True, blank=True)
    ends_on = models.DateField(_("last valid day"), null=True, blank=True)
    validity = PeriodField(
        _("valid for"),
        blank=True,
        allow_anniversary=False,
        help_text=_("From the day of issue, such as 30D, 1M or never; or set a last valid day."),
    )
    stock = models.PositiveIntegerField(
        _("stock"), null=True, blank=True, help_text=_("Left empty, there is no end of them.")
    )
    issued = models.PositiveIntegerField(_("given out"), default=0, editable=False)
    per_member_limit = models.PositiveIntegerField(_("most per member"), null=True, blank=True)
    friend_template = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("what a friend gets"),
        help_text=_("Whoever holds a coupon can share it: a friend gets a coupon of this offer."),
    )
    friends_per_coupon = models.PositiveSmallIntegerField(_("friends per coupon"), default=1)
    group_size = models.PositiveSmallIntegerField(_("members of a group"), null=True, blank=True)
    group_hours = models.PositiveSmallIntegerField(_("hours to fill it"), null=True, blank=True)

    objects = CouponTemplateQuerySet.as_manager()
    history = HistoricalRecords(
        m2m_fields=[categories, stores, channels, tiers, segments], excluded_fields=["issued"]
    )

    class Meta:
        verbose_name = _("coupon template")
        verbose_name_plural = _("coupon templates")
        ordering = ["-pk"]
        constraints = [
            *CouponTerms.Meta.constraints,
            models.UniqueConstraint(fields=["code"], name="coupontemplate_code_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=False, validity="")
                | (Q(ends_on__isnull=True) & ~Q(validity="")),
                name="coupontemplate_one_kind_of_validity",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(starts_on__lte=F("ends_on")),
                name="coupontemplate_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(issued__lte=F("stock")),
                name="coupontemplate_within_stock",
            ),
            models.CheckConstraint(
                condition=Q(per_member_limit__isnull=True) | Q(per_member_limit__gt=0),
                name="coupontemplate_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(friends_per_coupon__gt=0), name="coupontemplate_friends_positive"
            ),
            models.CheckConstraint(
                condition=Q(group_size__isnull=True, group_hours__isnull=True)
                | Q(
                    group_size__isnull=False,
                    group_size__gte=2,
                    group_hours__isnull=False,
                    group_hours__gte=1,
                ),
                name="coupontemplate_group_has_size_and_time",
            ),
        ]

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Write what is said of the offer; the counter of what is out is never overwritten."""
        if update_fields is None and not self._state.adding:
            update_fields = [
                field.name
                for field in self._meta.concrete_fields
                if not field.primary_key and field.name != "issued"
            ]
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def left(self) -> int | None:
        """How many can still be given out; None for no end."""
        return None if self.stock is None else max(0, self.stock - self.issued)

    @property
    def is_shareable(self) -> bool:
        return self.friend_template_id is not None

    @property
    def is_for_groups(self) -> bool:
        return self.group_size is not None

    def validity_at(self, now: datetime) -> tuple[datetime, datetime | None]:
        """From when until when (half-open) a coupon holds that is issued now."""
        start = max(now, clock.start_of(self.starts_on)) if self.starts_on else now
        if self.ends_on:
            return start, Period.parse("0D").expires_at(self.ends_on)
        return start, Period.parse(self.validity).expires_at(clock.business_date(start))


class ClaimWindow(TierWindow):
    """When members of a tier, and of those above it, may claim a coupon on the portal.

    A higher tier with an earlier window comes first. A template without windows is not offered.
    """

    # A window means nothing without its offer.
    template = models.ForeignKey(CouponTemplate, models.CASCADE, related_name="windows")
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)

    class Meta:
        verbose_name = _("time to claim")
        verbose_name_plural = _("times to claim")
        ordering = ["-tier__rank"]
        constraints = [
            models.UniqueConstraint(fields=["template", "tier"], name="claimwindow_once_per_tier"),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="claimwindow_opens_before_it_closes",
            ),
        ]


class CouponCounterQuerySet(models.QuerySet["CouponCounter"]):
    def open_for(self, template: CouponTemplate, member_ids: Iterable[int]) -> None:
        """Have a counter for each of these members."""
        rows = [CouponCounter(template=template, member_id=pk) for pk in member_ids]
        self.bulk_create(rows, ignore_conflicts=True, batch_size=500)

    def count_up(self, *, most: int | None) -> int:
        """Count one more for each of these that may have one; gives for how many."""
        may = self if most is None else self.filter(issued__lt=most)
        return may.update(issued=F("issued") + 1)


class CouponCounter(models.Model):
    """How many of a template's coupons one member has been given; never goes down."""

    template = models.ForeignKey(CouponTemplate, models.PROTECT, related_name="counters")
    member = models.ForeignKey(Member, models.PROTECT, related_name="coupon_counters")
    issued = models.PositiveIntegerField(_("given"), default=0)

    objects = CouponCounterQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupons per member")
        verbose_name_plural = _("coupons per member")
        constraints = [
            models.UniqueConstraint(
                fields=["template", "member"], name="couponcounter_once_per_member"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.member_id}: {self.issued}"
