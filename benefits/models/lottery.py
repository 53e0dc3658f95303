"""Lotteries: the prizes of a reward, and each draw with what decided it."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from benefits.rules.lottery import TICKETS
from common.models import Named

from .reward_orders import RewardOrder
from .rewards import Reward
from .templates import CouponTemplate


class LotteryPrizeQuerySet(models.QuerySet["LotteryPrize"]):
    def of(self, reward: Reward) -> Self:
        return self.filter(reward=reward).select_related("coupon_template").order_by("pk")

    def locked(self) -> Self:
        """The rows as locks, in the order of their ids: evaluate at once."""
        return self.order_by("pk").select_for_update(of=("self",), no_key=True)

    def take(self) -> bool:
        """Move one out of the stock; false where none is left."""
        left = Q(stock__isnull=True) | Q(taken__lt=F("stock"))
        return self.filter(left).update(taken=F("taken") + 1) == 1


class LotteryPrize(Named):
    """One prize: how likely it is in hundredths of a percent, and how many there are.

    The weights of a lottery add up to 10,000. What is gone leaves its chance to the lottery's
    first prize without a stock, so that every entry draws something that is there.
    """

    class Kind(models.TextChoices):
        NOTHING = "nothing", _("nothing")
        POINTS = "points", _("points")
        COUPON = "coupon", _("coupon")
        GOODS = "goods", _("goods")

    reward = models.ForeignKey(Reward, models.PROTECT, related_name="prizes")
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    weight = models.PositiveSmallIntegerField(
        _("chance in 10,000"), validators=[MinValueValidator(1), MaxValueValidator(TICKETS)]
    )
    stock = models.PositiveIntegerField(
        _("stock"), null=True, blank=True, help_text=_("Left empty, there is no end of them.")
    )
    taken = models.PositiveIntegerField(_("drawn"), default=0, editable=False)
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    coupon_template = models.ForeignKey(
        CouponTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon template"),
    )

    objects = LotteryPrizeQuerySet.as_manager()

    class Meta:
        verbose_name = _("prize")
        verbose_name_plural = _("prizes")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=("nothing", "goods"),
                    points__isnull=True,
                    coupon_template__isnull=True,
                )
                | Q(
                    kind="points",
                    points__isnull=False,
                    points__gt=0,
                    coupon_template__isnull=True,
                )
                | Q(kind="coupon", points__isnull=True, coupon_template__isnull=False),
                name="lotteryprize_gives_what_it_says",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0, weight__lte=TICKETS), name="lotteryprize_weight_of_all"
            ),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(taken__lte=F("stock")),
                name="lotteryprize_within_stock",
            ),
        ]

    @property
    def left(self) -> int | None:
        """How many can still be drawn; None for no end."""
        return None if self.stock is None else max(0, self.stock - self.taken)


class LotteryDraw(models.Model):
    """What one entry drew: the seed, its ticket, the odds that held, and the prize they give."""

    order = models.OneToOneField(
        RewardOrder, models.PROTECT, related_name="draw", verbose_name=_("order")
    )
    prize = models.ForeignKey(
        LotteryPrize, models.PROTECT, related_name="draws", verbose_name=_("prize")
    )
    seed = models.CharField(_("seed"), max_length=64)
    ticket = models.PositiveSmallIntegerField(_("ticket"))
    odds = models.JSONField(_("odds"))
    at = models.DateTimeField(pgettext_lazy("lottery", "drawn at"))

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket__lt=TICKETS), name="lotterydraw_ticket_of_all"
            ),
            models.CheckConstraint(condition=~Q(seed=""), name="lotterydraw_has_a_seed"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} · {self.prize_id}"
