"""What operators decide about points that are held because nobody was told of their end."""

from django.db import transaction

from common import clock
from loyalty.errors import LotNotHeld
from loyalty.models import ExpiryEvidence, PointsAccount, PointsLot
from members.models import User


@transaction.atomic
def waive_notice(*, lot: PointsLot, operator: User) -> ExpiryEvidence:
    """Let the next night expire a held lot although its member was not told; by whom is kept.

    Doing it again gives the first waiver back. Refused: a lot that has not reached its end, has
    nothing left or has been told of (LotNotHeld).
    """
    PointsAccount.objects.select_for_update().get(pk=lot.account_id)
    lot.refresh_from_db(fields=["expires_at"])
    if lot.expires_at is None:
        raise LotNotHeld
    known = ExpiryEvidence.objects.filter(lot=lot, expires_at=lot.expires_at).first()
    if known and known.waiver == ExpiryEvidence.Waiver.OPERATOR:
        return known
    if not ExpiryEvidence.objects.held_lots(clock.now()).filter(pk=lot.pk).exists():
        raise LotNotHeld
    return ExpiryEvidence.objects.create(
        lot=lot,
        expires_at=lot.expires_at,
        business_date=clock.today(),
        waiver=ExpiryEvidence.Waiver.OPERATOR,
        operator=operator,
    )
