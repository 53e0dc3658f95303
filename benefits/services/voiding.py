"""Coupons are withdrawn by an operator, with a reason."""

from datetime import datetime

from django.db import transaction

from benefits.errors import BatchUnfinished, CouponNotOpen, VoidReasonMissing
from benefits.models import Coupon, CouponBatch
from benefits.models.coupons import NOT_RESERVED, OPEN
from common import clock
from loyalty.services.ledger import check_reason

VOID = {**NOT_RESERVED, "status": Coupon.Status.VOIDED}


@transaction.atomic
def void_coupon(*, coupon: Coupon, reason: str, now: datetime | None = None) -> Coupon:
    """Withdraw an open coupon, a reserved one too; withdrawn again, it changes nothing.

    The stock does not come back: who wants to give out another raises it. Refused: one that was
    used or has expired (CouponNotOpen), no reason (VoidReasonMissing).
    """
    said = _reason(reason)
    coupon = Coupon.objects.locked().get(pk=coupon.pk)
    if coupon.status == Coupon.Status.VOIDED:
        return coupon
    open_row = Coupon.objects.filter(pk=coupon.pk, status__in=OPEN)
    if not open_row.update(**VOID, voided_at=now or clock.now(), void_reason=said):
        raise CouponNotOpen(status=coupon.get_status_display())
    coupon.refresh_from_db()
    return coupon


@transaction.atomic
def void_batch(*, batch: CouponBatch, reason: str, now: datetime | None = None) -> int:
    """Withdraw every open coupon of a batch, and say how many that were; used ones stay used.

    Refused: a batch of which some are still to be written (BatchUnfinished), no reason.
    """
    said = _reason(reason)
    if not CouponBatch.objects.locked().get(pk=batch.pk).is_done:
        raise BatchUnfinished()
    open_rows = Coupon.objects.filter(batch=batch, status__in=OPEN)
    return open_rows.update(**VOID, voided_at=now or clock.now(), void_reason=said)


def _reason(text: str) -> str:
    said = text.strip()
    if not said:
        raise VoidReasonMissing()
    check_reason(said)
    return said
