"""Take a drawn history through the services, each fact at the instant at which it happened."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from common import clock
from loyalty.errors import DebtOutstanding, InsufficientPoints
from loyalty.models import PointsEntry, PointsLot, PointsPayment, PointType, Purchase
from loyalty.services.activities import check_in
from loyalty.services.adjustments import request_adjustment
from loyalty.services.points import earn_points, redeem_points, restore_points
from loyalty.services.points_money import quote_points, redeem_for_purchase
from loyalty.services.presets import load_preset
from loyalty.services.purchases import Line, record_purchase, record_refund
from members.models import ConsentText, Member, Store, User
from members.services import NewMember, give_login, record_consent, register_members
from members.services.consent_texts import current_texts
from members.services.terms import agree_to_terms

from .facts import Cancellation, CheckIn, Correction, Fact, Redemption, Return, Thanks, Visit
from .history import History, draw_history
from .logins import MEMBER_EMAIL, OPERATOR, PASSWORD
from .offers import grant_trial, set_up_catalogue, set_up_offers
from .people import SHOPS, Person
from .shopping import REWARDS, Pieces, Reward
from .story import LEAD

PRESET = "demo"
COLLEAGUE = "mei"


def is_loaded() -> bool:
    """Whether the demo's two logins are there."""
    has_member = Member.objects.filter(email=MEMBER_EMAIL, user__isnull=False).exists()
    return has_member and User.objects.filter(username=OPERATOR).exists()


@transaction.atomic
def load_demo(*, seed: int, members: int, until: datetime | None = None) -> Counter[str]:
    """Load the demo's programme, members and history up to an instant: all of it or nothing.

    Gives the number of facts by kind. Meant for an empty database; a night has yet to run.
    """
    moment = (until or clock.now()).astimezone(clock.zone()).replace(microsecond=0)
    load_preset(name=PRESET)
    history = draw_history(seed=seed, members=members, until=moment)
    loading = _Loading(history, moment)
    for fact in history.facts:
        loading.load(fact)
    grant_trial(loading.members, loading.operator, moment)
    lead = loading.members[LEAD]
    give_login(member=lead, password=PASSWORD)
    terms = current_texts()[ConsentText.Subject.TERMS]
    agree_to_terms(member=lead, text=terms, language="zh-hans", source="portal", now=moment)
    return loading.done


class _Loading:
    """What has been loaded so far, as later facts refer to it."""

    def __init__(self, history: History, until: datetime) -> None:
        self.stores = {
            shop.code: Store.objects.create(
                code=shop.code, name_en=shop.name_en, name_zh=shop.name_zh, city=shop.city
            )
            for shop in SHOPS
        }
        self.operator = User.objects.create_superuser(username=OPERATOR, password=PASSWORD)
        # Without a password: whoever asks for points is not the one who may approve them.
        self.colleague = User.objects.create_user(username=COLLEAGUE, is_staff=True)
        self.members = register_members([self._row(person) for person in history.people])
        for member, person in zip(self.members, history.people, strict=True):
            _consent(member, person)
        self.categories, self.channels = set_up_catalogue()
        set_up_offers(self.members, self.operator, until)
        self.honour = PointType.objects.get(code=PointType.HONOUR)
        self.purchases: dict[str, Purchase] = {}
        self.redemptions: dict[str, PointsEntry] = {}
        self.done: Counter[str] = Counter(members=len(self.members))

    def load(self, fact: Fact) -> None:
        """Let one fact happen, as of its own instant."""
        match fact:
            case Visit():
                self._buy(fact)
            case Return():
                self._give_back(fact)
            case Redemption():
                self._redeem(fact)
            case Cancellation():
                self._cancel(fact)
            case Correction():
                self._correct(fact)
            case Thanks():
                self._thank(fact)
            case CheckIn():
                check_in(member=self.members[fact.person], now=fact.at)
                self.done["check-ins"] += 1

    def _row(self, person: Person) -> NewMember:
        year, month, day = person.birthday or (None, None, None)
        return {
            "source": person.source,
            "family_name": person.family_name,
            "given_name": person.given_name,
            "phone": person.phone,
            "email": person.email,
            "birth_year": year,
            "birth_month": month,
            "birth_day": day,
            "birth_calendar": "lunar" if person.is_lunar else "solar",
            "language": person.language,
            "home_store": self.stores[person.shop],
            "joined_at": person.joined_at,
        }

    def _buy(self, visit: Visit) -> None:
        payment = self._pay(visit)
        self.purchases[visit.number] = record_purchase(
            source=visit.source,
            external_id=visit.number,
            at=visit.at,
            amount=visit.amount - (payment.amount if payment else 0),
            member=None if visit.person is None else self.members[visit.person],
            store=self.stores[visit.shop] if visit.shop else None,
            channel=self.channels["store" if visit.shop else "web"],
            lines=self._lines(visit.pieces),
            payment=payment,
            now=visit.at,
        )
        self.done["purchases"] += 1
        self.done["guests"] += visit.person is None
        self.done["paid by points"] += payment is not None

    def _pay(self, visit: Visit) -> PointsPayment | None:
        """As many of the wished points as there are and may be; none where there are too few."""
        if visit.person is None or visit.points == 0:
            return None
        member = self.members[visit.person]
        quoted = quote_points(member=member, amount=visit.amount, points=visit.points, now=visit.at)
        if quoted.points == 0:
            return None
        return redeem_for_purchase(
            member=member,
            amount=visit.amount,
            points=quoted.points,
            key=f"P-{visit.number}",
            now=visit.at,
        )

    def _give_back(self, returned: Return) -> None:
        record_refund(
            source=returned.visit.source,
            external_id=returned.number,
            at=returned.at,
            amount=returned.amount,
            purchase=self.purchases[returned.visit.number],
            lines=self._lines(returned.pieces),
            now=returned.at,
        )
        self.done["refunds"] += 1

    def _redeem(self, wish: Redemption) -> None:
        member = self.members[wish.person]
        reward = wish.reward or _within(member, wish)
        if reward is None:
            return
        try:
            self.redemptions[wish.number] = redeem_points(
                member=member,
                points=reward.points,
                key=wish.number,
                reason=reward.name,
                now=wish.at,
            )
        except (DebtOutstanding, InsufficientPoints):
            return
        self.done["redemptions"] += 1

    def _cancel(self, cancelled: Cancellation) -> None:
        redemption = self.redemptions.get(cancelled.redemption.number)
        if redemption is None:
            return
        restore_points(
            redemption=redemption,
            key=f"{redemption.key}-back",
            reason="无货 Out of stock",
            now=cancelled.at,
        )
        self.done["cancelled"] += 1

    def _correct(self, correction: Correction) -> None:
        try:
            request_adjustment(
                member=self.members[correction.person],
                points=correction.points,
                key=correction.number,
                reason=correction.reason,
                maker=self.colleague,
                now=correction.at,
            )
        except InsufficientPoints:
            return
        self.done["corrections"] += 1

    def _thank(self, thanks: Thanks) -> None:
        earn_points(
            member=self.members[thanks.person],
            points=thanks.points,
            key=thanks.number,
            point_type=self.honour,
            reason=thanks.reason,
            now=thanks.at,
        )
        self.done["thanks"] += 1

    def _lines(self, pieces: tuple[Pieces, ...]) -> list[Line]:
        return [
            Line(
                sku=line.article.sku,
                description=line.article.description,
                quantity=Decimal(line.quantity),
                unit_price=line.article.price,
                amount=line.amount,
                category=self.categories[line.article.sku[:3]],
            )
            for line in pieces
        ]


def _consent(member: Member, person: Person) -> None:
    for channel, is_granted in person.consents:
        record_consent(
            member=member,
            channel=channel,
            is_granted=is_granted,
            source=person.source,
            at=person.joined_at,
        )


def _within(member: Member, wish: Redemption) -> Reward | None:
    """The dearest reward within the wished share of what the member can spend then."""
    lots = PointsLot.objects.for_member(member).spendable(wish.at)
    purse = lots.points_left() * wish.share // 100
    return next((reward for reward in REWARDS if reward.points <= purse), None)
