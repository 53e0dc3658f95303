"""The demo: drawn alike for a seed, loaded through the services."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from common.jobs.nights import run_nights
from common.proof import configured_checks, prove
from loyalty.check_ins import Streak, streak_of
from loyalty.demo import logins
from loyalty.demo.facts import Cancellation, Return, Visit
from loyalty.demo.history import History, draw_history
from loyalty.demo.loading import load_demo
from loyalty.demo.story import DEBTOR
from loyalty.models import (
    Activity,
    AdjustmentRequest,
    Channel,
    EarningRule,
    Partner,
    PointsAccount,
    PointsEntry,
    PointsMoney,
    PointsPayment,
    PointType,
    ProductCategory,
    Purchase,
    PurchaseLine,
    Refund,
    Standing,
    TierBenefit,
    TierOverride,
)
from loyalty.summary import points_summary
from loyalty.tier_benefits import benefits_by_tier
from members import rules
from members.models import Member, Segment, Tag
from tests.loyalty.programmes import local
from tests.sharing import shared

SEED = 7
MEMBERS = 40
UNTIL = local(2025, 11, 23, 21, 0)


def small_history(seed: int = SEED, until: datetime = UNTIL) -> History:
    return draw_history(seed=seed, members=MEMBERS, until=until)


def lead() -> Member:
    return Member.objects.get(email=logins.MEMBER_EMAIL)


def load() -> Counter[str]:
    return load_demo(seed=SEED, members=MEMBERS, until=UNTIL)


small_demo = shared(load)


def test_draws_the_same_shop_for_the_same_seed() -> None:
    assert small_history() == small_history()
    assert small_history() != small_history(seed=SEED + 1)


def test_draws_facts_in_order_and_none_ahead() -> None:
    facts = small_history().facts
    instants = [fact.at for fact in facts]

    assert instants == sorted(instants)
    assert instants[-1] <= UNTIL


@pytest.mark.parametrize("day", [(2025, 1, 1), (2024, 2, 29), (2025, 3, 31), (2025, 12, 31)])
def test_draws_causes_before_their_effects_on_any_day(day: tuple[int, int, int]) -> None:
    numbers: set[str] = set()
    for fact in small_history(until=local(*day, 0, 5)).facts:
        if isinstance(fact, Return):
            assert fact.visit.number in numbers
            assert fact.amount <= fact.visit.amount
        elif isinstance(fact, Cancellation):
            assert fact.redemption.number in numbers
        else:
            assert fact.number not in numbers
            numbers.add(fact.number)


def test_draws_purchases_after_joining_and_in_opening_hours() -> None:
    history = small_history()
    for visit in (fact for fact in history.facts if isinstance(fact, Visit)):
        if visit.person is not None:
            assert visit.at >= history.people[visit.person].joined_at
        if visit.shop:
            assert 10 <= visit.at.hour < 22


def test_draws_people_who_can_be_registered() -> None:
    people = small_history().people

    assert len(people) == MEMBERS
    assert all(person.phone or person.email for person in people)
    assert all(rules.parse_phone(person.phone) for person in people if person.phone)
    assert len({person.phone for person in people if person.phone}) == sum(
        person.phone is not None for person in people
    )


def test_loads_exactly_what_was_drawn(small_demo: Counter[str], db: None) -> None:
    entries = PointsEntry.objects.filter(account__point_type__code=PointType.BASE)
    kinds = Counter(entries.values_list("kind", flat=True))

    assert small_demo == {
        "members": 40,
        "purchases": 260,
        "guests": 41,
        "refunds": 14,
        "redemptions": 24,
        "cancelled": 3,
        "corrections": 3,
        "thanks": 6,
        "check-ins": 48,
        "paid by points": 5,
    }
    # 219 purchases and 48 check-ins earn; 24 rewards and 5 payments are redeemed.
    assert kinds == {"earn": 267, "clawback": 13, "redeem": 29, "restore": 3, "adjust": 2}
    # 85,912.30, of which points paid 67 + 3 + 2 + 37 + 5.
    assert Purchase.objects.total_amount() == Decimal("85798.30")
    assert Refund.objects.total_amount() == Decimal("5064.20")
    assert entries.total() == 41_832


@pytest.mark.usefixtures("small_demo", "db")
def test_leaves_a_clean_ledger_before_and_after_the_night() -> None:
    before = [finding.check.id for finding in prove(configured_checks()) if not finding.is_clean]
    run_nights(UNTIL.date())
    after = [finding.check.id for finding in prove(configured_checks()) if not finding.is_clean]

    assert before == []
    assert after == []


@pytest.mark.usefixtures("small_demo", "db")
def test_tells_a_gold_member_with_something_to_see() -> None:
    run_nights(UNTIL.date())
    summary = points_summary(lead(), UNTIL)
    standing = Standing.objects.get(member=lead())
    kinds = set(PointsEntry.objects.for_member(lead()).values_list("kind", flat=True))

    assert standing.tier.code == "gold"
    assert standing.valid_until is not None
    assert kinds == {"earn", "redeem", "restore", "clawback", "adjust", "expire"}
    assert [(dated.points, dated.on) for dated in summary.expiring] == [(363, date(2025, 11, 30))]
    assert [(dated.points, dated.on) for dated in summary.pending] == [
        # 342.00 less 5.00 paid by points, and 167.90: both twice by the campaign.
        (674, date(2025, 11, 26)),
        (335, date(2025, 11, 29)),
    ]


@pytest.mark.usefixtures("small_demo", "db")
def test_tells_of_check_ins_a_campaign_and_a_payment_by_points() -> None:
    payment = PointsPayment.objects.for_member(lead()).get()
    (campaign,) = EarningRule.objects.running(UNTIL.date()).dated()

    assert streak_of(lead(), UNTIL.date()) == Streak(days=6, is_checked=False)
    assert (payment.points, payment.amount) == (500, Decimal("5.00"))
    assert payment.purchases.get().amount == Decimal("337.00")
    assert (str(campaign.starts_on), str(campaign.ends_on)) == ("2025-11-17", "2025-12-01")
    assert campaign.scopes.get().thing.memberships.open().count() == 5


@pytest.mark.usefixtures("small_demo", "db")
def test_leaves_no_tier_without_benefits_and_no_list_empty() -> None:
    trial = TierOverride.objects.get()
    lists = (Activity, Channel, Partner, ProductCategory, Segment, Tag, TierBenefit, PointsMoney)

    assert [len(found) for found in benefits_by_tier().values()] == [2, 4, 6, 7]
    assert all(benefit.name_en and benefit.name_zh for benefit in TierBenefit.objects.all())
    assert (trial.member.phone, trial.tier and trial.tier.code) == (
        small_history().people[DEBTOR].phone,
        "gold",
    )
    assert trial.starts_at < UNTIL < trial.ends_at
    assert all(model._default_manager.exists() for model in lists)
    assert not PurchaseLine.objects.filter(category=None).exists()


@pytest.mark.usefixtures("small_demo", "db")
def test_tells_a_member_who_owes_points_and_waits_for_an_approval() -> None:
    account = PointsAccount.objects.get(
        member__phone=small_history().people[DEBTOR].phone,
        point_type__code=PointType.BASE,
    )

    waiting = AdjustmentRequest.objects.get(status=AdjustmentRequest.Status.WAITING)

    assert (account.balance, account.debt) == (0, 1000)
    assert (waiting.account, waiting.points) == (account, 1200)


@pytest.mark.usefixtures("small_demo", "db")
def test_lets_the_member_sign_in_by_phone_and_by_mail() -> None:
    for login in (logins.MEMBER_PHONE, logins.MEMBER_EMAIL):
        client = Client()
        response = client.post("/login/", {"login": login, "password": logins.PASSWORD})

        assert response.status_code == 302
        assert client.session["_auth_user_id"] == str(lead().user_id)
