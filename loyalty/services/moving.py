"""Points move from one member's account to another's, when members are merged: always in pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Sum

from common import clock
from loyalty import rules
from loyalty.models import MergeMove, PointsAccount, PointsEntry, PointsLot, PointType
from members.models import MemberMerge, User

from .clawback import taking_order
from .ledger import Kind, LotTerms, Posting, debt_paid, post, renewed_terms
from .points import RENEWED_DAYS

KEY = "merge:"


@dataclass(frozen=True)
class Pair:
    """What one pair does: signed points of the taker, the lots that the giver takes them from.

    `opens` are the terms of the lot that a credit opens, on whichever side it is.
    """

    points: int
    takes: Mapping[int, int] = field(default_factory=dict)
    opens: LotTerms | None = None


class Mover:
    """Two locked accounts of one kind, and what moves between them for one merge."""

    def __init__(
        self,
        merge: MemberMerge,
        *,
        giver: PointsAccount,
        taker: PointsAccount,
        at: datetime,
        operator: User | None = None,
        is_return: bool = False,
    ) -> None:
        self.merge, self.giver, self.taker = merge, giver, taker
        self.operator = operator
        # One instant for both, so that neither goes back.
        self.at = clock.ledger_instant(
            clock.ledger_instant(at, giver.last_entry_at), taker.last_entry_at
        )
        self.is_return = is_return

    def move(self, pair: Pair) -> MergeMove | None:
        """Post one pair: a credit pays debt first, a debit that finds too little becomes debt."""
        if not pair.points:
            return None
        credited, debited = (self.taker, self.giver)
        if pair.points < 0:
            credited, debited = debited, credited
        size = abs(pair.points)
        missing = size - sum(pair.takes.values()) if debited.is_spendable else 0
        out = self._post(debited, -size, debt_change=missing, takes=pair.takes)
        into = self._post(credited, size, debt_change=-debt_paid(credited, size), opens=pair.opens)
        taken, given = (out, into) if pair.points > 0 else (into, out)
        return MergeMove.objects.create(
            merge=self.merge, taken=taken, given=given, is_return=self.is_return
        )

    def _post(
        self,
        account: PointsAccount,
        points: int,
        *,
        debt_change: int,
        takes: Mapping[int, int] | None = None,
        opens: LotTerms | None = None,
    ) -> PointsEntry:
        posting = Posting(
            kind=Kind.MERGE,
            points=points,
            debt_change=debt_change,
            # The number of the entry: one merge moves more than once.
            key=f"{KEY}{self.merge.pk}:{account.entry_count + 1}",
            at=self.at,
            takes=takes or {},
            opens=opens,
            operator=self.operator,
        )
        return post(account, posting)


def move_all(mover: Mover) -> list[MergeMove]:
    """Move everything that the giver holds and owes; lots keep their terms, those that ended stay.

    Debt first: the taker pays it from lots in the order of a refund, and owes what is missing.
    """
    giver, taker, at = mover.giver, mover.taker, mover.at
    if not giver.is_spendable:
        pairs = [Pair(points=giver.balance)]
        return _moved(mover, pairs)
    moves = []
    if giver.debt:
        owed = giver.debt
        moves += _moved(mover, [Pair(points=-owed, takes=takes_of(taker, owed, at))])
    return moves + _moved(mover, _pairs_of_lots(giver, at))


def move_back(mover: Mover, forth: Sequence[MergeMove]) -> list[MergeMove]:
    """Return what came by these moves, the debt first, then lots as far as they are there.

    What was spent meanwhile the kept member gives back from other lots, and owes the rest; under a
    policy that forgives it is left to them. What expired is gone for both.
    """
    giver, at = mover.giver, mover.at
    if not giver.is_spendable:
        return _moved(mover, [Pair(points=sum(move.given.points for move in forth))])
    moves: list[MergeMove] = []
    for move in forth:
        if move.given.points < 0:
            # The debtor is the merged member again; the kept one gets back what was paid for them.
            owed = -move.given.points
            takes = takes_of(mover.taker, owed, at)
            terms = _lasting(_terms_taken_from(move.given), at)
            moves += _moved(mover, [Pair(points=-owed, takes=takes, opens=terms)])
    came = [fate_of(move, at) for move in forth if move.given.points > 0]
    for fate in came:
        if fate.left and fate.lot:
            takes = {fate.lot.pk: fate.left}
            moves += _moved(mover, [Pair(fate.left, takes, terms_of(fate.lot))])
    forgives = giver.point_type.clawback == PointType.Clawback.FORGIVE
    for fate in came:
        takes = takes_of(giver, fate.spent, at)
        size = sum(takes.values()) if forgives else fate.spent
        moves += _moved(mover, [Pair(size, takes, _lasting(fate.terms, at))])
    return moves


@dataclass(frozen=True)
class Fate:
    """What became of points that a merge brought: how many are left, spent, and expired."""

    lot: PointsLot | None
    terms: LotTerms | None
    left: int
    spent: int
    expired: int


def fate_of(move: MergeMove, at: datetime) -> Fate:
    """Points that paid a debt at once count as spent; a lot that has ended as expired."""
    lot: PointsLot | None = getattr(move.given, "lot", None)
    points = move.given.points
    if lot is None:
        return Fate(None, _terms_taken_from(move.taken), 0, points, 0)
    by_nights = lot.allocations.filter(entry__kind=Kind.EXPIRE).aggregate(total=Sum("points"))
    expired = -int(by_nights["total"] or 0)
    has_ended = lot.expires_at is not None and lot.expires_at <= at
    left = 0 if has_ended else lot.remaining
    expired += lot.remaining if has_ended else 0
    return Fate(lot, terms_of(lot), left, points - left - expired, expired)


def takes_of(account: PointsAccount, points: int, at: datetime) -> dict[int, int]:
    """As much as an account's lots hold, in the order in which refunds take."""
    lots = taking_order(account, None, at)
    wanted = min(points, rules.takeable(lots))
    return {lot.pk: taken for lot, taken in rules.take_in_order(lots, wanted)}


def terms_of(lot: PointsLot) -> LotTerms:
    """The terms of a lot as they are now."""
    return LotTerms(lot.available_at, lot.expires_at, lot.policy)


def _pairs_of_lots(giver: PointsAccount, at: datetime) -> list[Pair]:
    """One pair for all lots of the same terms, the soonest to expire first."""
    lots = list(giver.lots.unexpired(at).soonest_expiring())

    def key(lot: PointsLot) -> tuple[float, float, str]:
        terms = terms_of(lot)
        # What can be spent already is alike, whenever it began.
        available = max(terms.available_at, at).timestamp()
        ends = terms.expires_at.timestamp() if terms.expires_at else float("inf")
        return ends, available, terms.policy

    pairs = []
    for _terms, group in groupby(sorted(lots, key=key), key=key):
        alike = list(group)
        takes = {lot.pk: lot.remaining for lot in alike}
        pairs.append(Pair(sum(takes.values()), takes, terms_of(alike[0])))
    return pairs


def _terms_taken_from(entry: PointsEntry) -> LotTerms | None:
    """The terms of the lot that ends last of those that an entry took from."""
    allocations = entry.allocations.select_related("lot")
    lots = [allocation.lot for allocation in allocations]
    by_end = sorted(lots, key=lambda lot: (lot.expires_at is None, lot.expires_at or entry.at))
    return terms_of(by_end[-1]) if by_end else None


def _lasting(terms: LotTerms | None, at: datetime) -> LotTerms:
    """These terms, or those of points given back late: near their end they get some days."""
    soon = at + timedelta(days=RENEWED_DAYS)
    if terms is None or (terms.expires_at is not None and terms.expires_at <= soon):
        return renewed_terms(at, RENEWED_DAYS)
    return terms


def _moved(mover: Mover, pairs: Sequence[Pair]) -> list[MergeMove]:
    return [move for pair in pairs if (move := mover.move(pair))]
