"""What became of an offer's coupons."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from benefits.models import Coupon, CouponTemplate, CouponUse
from common import clock


@dataclass(frozen=True)
class Funnel:
    """Coupons of one offer: given out, held by members, used; what the uses took off."""

    issued: int
    held: int
    reserved: int
    used: int
    expired: int
    voided: int
    discount: Decimal

    @property
    def used_percent(self) -> int:
        """How many of a hundred that were given out were used, rounded down."""
        return 100 * self.used // self.issued if self.issued else 0


def funnel_of(template: CouponTemplate) -> Funnel:
    """The figures of now; two queries. Expired counts what is past its end, booked or not."""
    status = Coupon.Status
    past = Q(status__in=[status.ISSUED], expires_at__lte=clock.now()) | Q(status=status.EXPIRED)
    counts = Coupon.objects.filter(template=template).aggregate(
        issued=Count("pk"),
        held=Count("member"),
        reserved=Count("pk", filter=Q(status=status.RESERVED)),
        used=Count("pk", filter=Q(status=status.USED)),
        expired=Count("pk", filter=past),
        voided=Count("pk", filter=Q(status=status.VOIDED)),
    )
    uses = CouponUse.objects.standing().filter(coupon__template=template)
    return Funnel(**counts, discount=uses.aggregate(total=Sum("discount"))["total"] or Decimal(0))
