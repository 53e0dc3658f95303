"""What became of the coupons that were given out in a period."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from analytics.rules.periods import Period
from benefits.models import Coupon, CouponTemplate, CouponUse
from common import clock


@dataclass(frozen=True)
class CouponFunnel:
    """An offer's coupons of a period: given out, held by a member, used; `revenue` is what the
    purchases that used them came to, after the discount."""

    template: CouponTemplate | None
    issued: int
    held: int
    used: int
    expired: int
    voided: int
    discount: Decimal
    revenue: Decimal

    @property
    def used_share(self) -> Decimal | None:
        """Used of those that members held."""
        return Decimal(self.used) / self.held if self.held else None


def coupon_funnels(period: Period) -> list[CouponFunnel]:
    """Each offer of which coupons were given out, the most first; three statements."""
    start, end = clock.start_of(period.first), clock.start_of(period.end)
    status, now = Coupon.Status, clock.now()
    past = Q(status=status.EXPIRED) | Q(status=status.ISSUED, expires_at__lte=now)
    issued = Coupon.objects.filter(issued_at__gte=start, issued_at__lt=end).order_by()
    counts = issued.values_list("template").annotate(
        issued=Count("pk"),
        held=Count("member"),
        used=Count("pk", filter=Q(status=status.USED)),
        expired=Count("pk", filter=past),
        voided=Count("pk", filter=Q(status=status.VOIDED)),
    )
    uses = CouponUse.objects.standing().filter(
        coupon__issued_at__gte=start, coupon__issued_at__lt=end
    )
    sums = uses.order_by().values_list("coupon__template")
    money = {
        template: (discount, revenue)
        for template, discount, revenue in sums.annotate(
            taken_off=Sum("discount"), revenue=Sum("purchase__amount")
        )
    }
    templates = CouponTemplate.objects.in_bulk([row[0] for row in counts])
    funnels = []
    for template, issued_count, held, used, expired, voided in counts:
        discount, revenue = money.get(template) or (None, None)
        funnels.append(
            CouponFunnel(
                template=templates[template],
                issued=issued_count,
                held=held,
                used=used,
                expired=expired,
                voided=voided,
                discount=discount or Decimal(0),
                revenue=revenue or Decimal(0),
            )
        )
    return sorted(funnels, key=lambda funnel: -funnel.issued)


def all_coupons(funnels: list[CouponFunnel]) -> CouponFunnel:
    """All offers together."""
    return CouponFunnel(
        template=None,
        issued=sum(funnel.issued for funnel in funnels),
        held=sum(funnel.held for funnel in funnels),
        used=sum(funnel.used for funnel in funnels),
        expired=sum(funnel.expired for funnel in funnels),
        voided=sum(funnel.voided for funnel in funnels),
        discount=sum((funnel.discount for funnel in funnels), Decimal(0)),
        revenue=sum((funnel.revenue for funnel in funnels), Decimal(0)),
    )
