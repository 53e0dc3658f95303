"""What every change of a lot's dates has in common."""

from datetime import datetime

from django.db.models import Max

from common import clock
from loyalty.models import LotChange, PointsAccount


def change_instant(account: PointsAccount, now: datetime) -> datetime:
    """The ledger's instant of a change of a locked account's lots.

    Never before the account's last entry, nor before the last change of its lots.
    """
    at = clock.ledger_instant(now, account.last_entry_at)
    changes = LotChange.objects.filter(lot__account=account)
    return clock.ledger_instant(at, changes.aggregate(last=Max("at"))["last"])
