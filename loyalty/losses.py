"""What a member would lose of points and tiers by being erased, in words."""

from datetime import datetime

from django.utils.translation import gettext

from common.money import format_money
from common.numbers import format_number
from loyalty import rules
from loyalty.models import PointsAccount
from loyalty.sentences import kind_noun
from loyalty.services.overrides import tier_held
from loyalty.services.points_money import money_terms
from members.losses import Loss
from members.models import Member


def losses(member: Member, at: datetime) -> list[Loss]:
    """Points of every kind, with what they are worth as money, and the tier."""
    accounts = PointsAccount.objects.for_member(member)
    told = [_points(account, member, at) for account in accounts if account.balance > 0]
    tier = tier_held(member, at)
    if tier is not None and tier.rank > 0:
        text = gettext("Your tier, %(tier)s, and all that it brings.") % {"tier": tier.name}
        told.append(Loss(icon="tier", text=text))
    return told


def _points(account: PointsAccount, member: Member, at: datetime) -> Loss:
    noun = kind_noun(account.point_type.name, account.balance)
    told = {"points": format_number(account.balance), "kind": noun}
    terms = money_terms(member, at) if account.is_spendable else None
    if terms is None or not terms.is_offered:
        text = gettext("%(points)s %(kind)s.") % told
    else:
        worth = format_money(rules.worth(account.balance, terms.points_per_money))
        text = gettext("%(points)s %(kind)s, worth %(worth)s.") % {**told, "worth": worth}
    return Loss(icon="points", text=text)
