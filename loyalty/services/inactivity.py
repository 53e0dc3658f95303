"""Lots that end some time after the last activity: each activity moves their end."""

from datetime import date

from django.db.models import Max

from common import clock
from common.periods import INACTIVE, Period
from common.sql import execute_sql
from loyalty.models import PointsAccount, PointsEntry


def follow_activity(account: PointsAccount, entry: PointsEntry, *, opens: str, gives: bool) -> None:
    """Let an entry of a locked account move the end of its lots, if it shows activity.

    At once, never backwards, and no lot that has ended comes back. Accounts without such lots pay
    for nothing: `active_on` tells them apart. Points given back end as the last activity says.
    `opens` is the policy of the lot that the entry opened, `gives` whether it gave points back.
    """
    if account.active_on is None and opens.startswith(INACTIVE):
        note_activity(account, last_activity(account) or entry.business_date)
    if account.active_on is None:
        return
    is_news = entry.is_activity and entry.business_date > account.active_on
    if is_news:
        note_activity(account, entry.business_date)
    if is_news or gives:
        _prolong(account, entry, account.active_on)


def last_activity(account: PointsAccount) -> date | None:
    """The business date of the account's last activity, by its entries."""
    found: date | None = account.entries.activities().aggregate(day=Max("business_date"))["day"]
    return found


def note_activity(account: PointsAccount, day: date) -> None:
    """Keep the day of a locked account's last activity."""
    account.active_on = day
    account.save(update_fields=["active_on"])


def _prolong(account: PointsAccount, entry: PointsEntry, active_on: date) -> None:
    lots = account.lots.ending_by_inactivity(entry.at)
    stamped = lots.values_list("redated_to", "expiry").distinct()
    for policy in {redated_to or expiry for redated_to, expiry in stamped}:
        params = {
            "account": account.pk,
            "entry": entry.pk,
            "number": entry.number,
            "at": entry.at,
            "ends": Period.parse(policy).expires_at(active_on),
            "policy": policy,
            "now": clock.now(),
        }
        execute_sql("loyalty", "prolong_lots", params)
