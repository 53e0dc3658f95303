"""Lay over the demo's shop what analytics shows, through the services; once."""

import random

from django.db import transaction

from analytics.jobs import work_on_runs
from analytics.models import WarningLevel
from common import clock
from loyalty.demo.logins import MEMBER_EMAIL, OPERATOR
from members.models import Member, User

from .care import care_for_members
from .visits import visit_portal
from .wishes import announce_news, set_targets, weigh_health, write_segments

SEED = 40_711


def load() -> None:
    """The portal's days of ninety, weekly nights of three months, tasks acted upon, and wishes.

    Nothing where warning levels are there already.
    """
    if WarningLevel.objects.exists():
        return
    operator = User.objects.get(username=OPERATOR)
    with transaction.atomic():
        _lay(operator)
    # Workers would do these within a minute; whoever looks at once sees them done.
    announce_news(operator)
    work_on_runs()


def _lay(operator: User) -> None:
    now, rng = clock.now(), random.Random(SEED)  # noqa: S311 - the same shop for the same seed
    lead = Member.objects.get(email=MEMBER_EMAIL)
    others = Member.objects.active().exclude(pk=lead.pk).order_by("pk")
    visit_portal(lead, list(others), rng=rng, now=now)
    weigh_health(operator)
    care_for_members(rng, operator, today=clock.today())
    set_targets(today=clock.today())
    write_segments(operator)
