"""Coupons: what one member, or the bearer of a code, may use once, and each use."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from benefits.rules import Terms
from benefits.rules.codes import LENGTH, grouped
from common.money import MoneyField
from loyalty.models import Purchase, Refund
from members.models import Member

from .batches import CouponBatch
from .templates import CouponTemplate, CouponTerms

OPEN = ("issued", "reserved")
# The columns of a coupon that no checkout holds.
NOT_RESERVED: dict[str, Any] = {
    "status": "issued",
    "checkout_key": "",
    "reserved_until": None,
    "discount": 0,
    "shares": {},
}


class CouponQuerySet(models.QuerySet["Coupon"]):
    def for_member(self, member: Member) -> Self:
        return self.filter(member=member)

    def locked(self) -> Self:
        """The rows as locks, in the order of their ids: evaluate at once."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def usable(self, at: datetime) -> Self:
        """Open and within their validity or before it, the soonest to end first."""
        ends_last = F("expires_at").asc(nulls_last=True)
        return self.filter(_unexpired(at), status__in=OPEN).order_by(ends_last, "pk")

    def ended(self, at: datetime) -> Self:
        """Used, withdrawn or past their end, booked or not; the newest first."""
        return self.filter(~Q(status__in=OPEN) | Q(expires_at__lte=at)).order_by("-pk")

    def ending_soon(self, at: datetime, until: datetime) -> Self:
        """Usable ones that end by an instant, the soonest first."""
        return self.usable(at).filter(expires_at__lte=until).defer("conditions", "shares")

    def free(self, at: datetime, checkout_key: str) -> Self:
        """What a checkout may take: issued, or reserved for itself or for nobody any more."""
        lapsed = Q(status="reserved") & (Q(reserved_until__lte=at) | Q(checkout_key=checkout_key))
        return self.filter(Q(status="issued") | lapsed)

    def held_for(self, member: Member, checkout_key: str) -> Self:
        """Reserved by a member's checkout, whether its time is up or not."""
        return self.filter(member=member, status="reserved", checkout_key=checkout_key)

    def release(self, *, checkout_key: str) -> int:
        """Give back what this checkout still holds."""
        held = self.filter(status="reserved", checkout_key=checkout_key)
        return held.update(**NOT_RESERVED)


def _unexpired(at: datetime) -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gt=at)


class Coupon(CouponTerms):
    """One coupon with the terms of its issue; without a member it is its code's bearer's.

    Each step is one conditional update: issued → reserved by a checkout, for a time → used;
    released; expired; voided with a reason. `conditions` names what it is limited to, by ids:
    categories, stores, channels, tiers, segments.
    """

    class Status(models.TextChoices):
        ISSUED = "issued", pgettext_lazy("coupon", "issued")
        RESERVED = "reserved", pgettext_lazy("coupon", "reserved")
        USED = "used", pgettext_lazy("coupon", "used")
        EXPIRED = "expired", pgettext_lazy("coupon", "expired")
        VOIDED = "voided", pgettext_lazy("coupon", "withdrawn")

    # Without indexes of their own where another begins with them: a hundred thousand at a time.
    template = models.ForeignKey(
        CouponTemplate,
        models.PROTECT,
        db_index=False,
        related_name="coupons",
        verbose_name=_("coupon template"),
    )
    batch = models.ForeignKey(
        CouponBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="coupons",
        verbose_name=_("coupon batch"),
    )
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="coupons",
        verbose_name=_("member"),
    )
    code = models.CharField(_("code"), max_length=LENGTH)
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.ISSUED
    )
    valid_from = models.DateTimeField(_("valid from"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    issued_at = models.DateTimeField(_("issued at"))
    key = models.CharField(_("key"), max_length=300, blank=True)
    shared_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="shared",
        verbose_name=_("shared from"),
    )
    checkout_key = models.CharField(_("checkout"), max_length=255, blank=True)
    reserved_until = models.DateTimeField(_("reserved until"), null=True, blank=True)
    discount = MoneyField(_("discount"), default=0)
    shares = models.JSONField(_("discount by line"), default=dict, blank=True)
    voided_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    void_reason = models.CharField(_("reason of withdrawal"), max_length=500, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            *CouponTerms.Meta.constraints,
            models.UniqueConstraint(fields=["code"], name="coupon_code_once"),
            models.UniqueConstraint(
                fields=["template", "member", "key"],
                condition=~Q(key=""),
                name="coupon_key_once",
            ),
            models.UniqueConstraint(
                fields=["shared_from", "member"],
                condition=Q(shared_from__isnull=False),
                name="coupon_shared_once_with_a_friend",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("issued", "reserved", "used", "expired", "voided")),
                name="coupon_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="reserved", reserved_until__isnull=False) & ~Q(checkout_key="")
                | ~Q(status="reserved") & Q(reserved_until__isnull=True, checkout_key=""),
                name="coupon_reserved_for_a_checkout",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("reserved", "used")) | Q(member__isnull=False),
                name="coupon_taken_by_a_member",
            ),
            models.CheckConstraint(
                condition=Q(status="voided", voided_at__isnull=False) & ~Q(void_reason="")
                | ~Q(status="voided") & Q(voided_at__isnull=True, void_reason=""),
                name="coupon_voided_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("valid_from")),
                name="coupon_valid_before_it_expires",
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0), name="coupon_discount_not_negative"
            ),
        ]
        indexes = [
            # Partial: printed codes, many at a time, have no member yet.
            models.Index(
                fields=["member", "status"],
                condition=Q(member__isnull=False),
                name="coupon_wallet",
            ),
            models.Index(fields=["template", "status"], name="coupon_funnel"),
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=("issued", "reserved")),
                name="coupon_due",
            ),
            models.Index(
                fields=["reserved_until"],
                condition=Q(status="reserved"),
                name="coupon_reserved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.shown_code}"

    @property
    def shown_code(self) -> str:
        return grouped(self.code)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_for_segments(self) -> bool:
        return bool(self._ids("segments"))

    def is_reserved_at(self, at: datetime) -> bool:
        """Whether a checkout holds it; a reservation whose time is up holds nothing."""
        until = self.reserved_until
        return self.status == self.Status.RESERVED and until is not None and until > at

    def has_expired_at(self, at: datetime) -> bool:
        """Whether its validity is over, be that booked or not."""
        is_past = self.expires_at is not None and self.expires_at <= at
        return self.status == self.Status.EXPIRED or (self.is_open and is_past)

    def terms(self) -> Terms:
        """What the rules need to know of it."""
        return Terms(
            key=self.code,
            kind=self.kind,
            valid_from=self.valid_from,
            expires_at=self.expires_at,
            amount=self.amount,
            percent=self.percent,
            ceiling=self.ceiling,
            minimum_spend=self.minimum_spend,
            is_stackable=self.is_stackable,
            exclusive_group=self.exclusive_group,
            categories=self._ids("categories"),
            stores=self._ids("stores"),
            channels=self._ids("channels"),
            tiers=self._ids("tiers"),
            segments=self._ids("segments"),
        )

    def _ids(self, sort: str) -> frozenset[int]:
        named: dict[str, Any] = self.conditions
        return frozenset(named.get(sort, ()))


class CouponUseQuerySet(models.QuerySet["CouponUse"]):
    def of_checkout(self, member: Member, checkout_key: str) -> Self:
        return self.filter(member=member, checkout_key=checkout_key).select_related("coupon")

    def standing(self) -> Self:
        """Those that were not given back."""
        return self.filter(returned_at__isnull=True)

    def to_give_back(self, at: datetime) -> Self:
        """Standing uses of purchases that were refunded whole before an instant, still valid."""
        refunds = Refund.objects.filter(purchase=OuterRef("purchase"), at__lt=at).order_by()
        given_back = Sum(F("amount") + F("paid_by_points"))
        refunded = refunds.values("purchase").annotate(total=given_back).values("total")
        valid = Q(coupon__expires_at__isnull=True) | Q(coupon__expires_at__gt=at)
        return (
            self.standing()
            .filter(valid, coupon__status="used", purchase__isnull=False)
            .annotate(refunded=Subquery(refunded, output_field=MoneyField()))
            .filter(refunded__gte=F("purchase__amount") + F("purchase__paid_by_points"))
        )


class CouponUse(models.Model):
    """That a coupon was used: by whom, in which checkout, what it took off which lines.

    `returned_at` is when a refund gave the coupon back; it may then be used once more.
    """

    coupon = models.ForeignKey(
        Coupon, models.PROTECT, related_name="uses", verbose_name=_("coupon")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="coupon_uses", verbose_name=_("member")
    )
    purchase = models.ForeignKey(
        Purchase,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="coupon_uses",
        verbose_name=_("purchase"),
    )
    checkout_key = models.CharField(_("checkout"), max_length=255)
    discount = MoneyField(_("discount"))
    shares = models.JSONField(_("discount by line"), default=dict, blank=True)
    at = models.DateTimeField(_("used at"))
    returned_at = models.DateTimeField(_("given back at"), null=True, blank=True)

    objects = CouponUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")
        constraints = [
            models.UniqueConstraint(
                fields=["coupon"], condition=Q(returned_at__isnull=True), name="couponuse_once"
            ),
            models.UniqueConstraint(
                fields=["coupon", "checkout_key"], name="couponuse_once_per_checkout"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0), name="couponuse_discount_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(checkout_key=""), name="couponuse_names_its_checkout"
            ),
        ]
        indexes = [models.Index(fields=["member", "checkout_key"], name="couponuse_checkout")]

    def __str__(self) -> str:
        return f"{self.coupon_id} · {self.checkout_key}"
