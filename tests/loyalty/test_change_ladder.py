"""A changed ladder: drafted, previewed over everyone, applied to everyone or discarded."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from common.errors import DomainError
from common.models import JobStatus
from common.models.ranges import MAX_ATTEMPTS
from loyalty.errors import (
    BoundsDoNotRise,
    DraftChangesNothing,
    DraftCodeTwice,
    DraftNotOpen,
    DraftNotPreviewed,
    DraftNotStopped,
    DraftOutdated,
    DraftReasonMissing,
    DraftRemovesLowest,
    DraftUnderWay,
)
from loyalty.models import (
    Ladder,
    LadderDraft,
    LadderMove,
    LadderVersion,
    Standing,
    Tier,
    TierChange,
    TierOverride,
)
from loyalty.outlook import place_of
from loyalty.services.ladder_changes.applying import work_on_draft
from loyalty.services.ladder_changes.drafts import (
    apply_draft,
    begin_draft,
    discard_draft,
    preview_draft,
    resume_draft,
    write_draft,
)
from loyalty.services.ladder_changes.figures import effect_of
from loyalty.services.overrides import grant_override
from loyalty.services.presets import load_preset
from members.models import Member
from tests.factories import OperatorFactory

from .ladder_changes import applied, drafted, matrix, previewed
from .ledgers import buy, give_back, new_member
from .programmes import plain_programme
from .reviews import changes_of, tier_of
from .tampering import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def members() -> dict[str, Member]:
    """By what they spent ten days ago: 300, 600, 2,500 and 12,000."""
    plain_programme()
    at = clock.now() - timedelta(days=10)
    found = {}
    for spent in ("300", "600", "2500", "12000"):
        found[spent] = new_member()
        buy(found[spent], f"{spent}.00", at)
    return found


def places(members: dict[str, Member]) -> list[str]:
    return [tier_of(member) for member in members.values()]


def test_a_preview_changes_nothing(members: dict[str, Member]) -> None:
    before = list(Standing.objects.values()), TierChange.objects.count()
    draft = previewed({"silver": {"entry_spend": "250.00"}})
    assert draft.status == "previewed"
    assert (list(Standing.objects.values()), TierChange.objects.count()) == before
    assert Tier.objects.get(code="silver").entry_spend == Decimal(500)


@pytest.mark.parametrize(
    ("bound", "lines"),
    [
        ("300.01", [("member", "member", 1), ("silver", "silver", 1)]),
        ("300.00", [("member", "silver", 1), ("silver", "silver", 1)]),
        ("299.99", [("member", "silver", 1), ("silver", "silver", 1)]),
    ],
)
def test_up_from_the_bound_on(
    members: dict[str, Member], bound: str, lines: list[tuple[str, str, int]]
) -> None:
    draft = previewed({"silver": {"entry_spend": bound}})
    assert matrix(draft, draft.preview) == [*lines, ("gold", "gold", 1), ("black", "black", 1)]


@pytest.mark.parametrize(
    ("downward", "bound", "after"),
    [
        ("keep", "2500.01", "gold"),
        ("at_once", "2500.00", "gold"),
        ("at_once", "2500.01", "silver"),
    ],
)
def test_down_only_where_everybody_is_moved_at_once(
    members: dict[str, Member], downward: str, bound: str, after: str
) -> None:
    draft = applied({"gold": {"entry_spend": bound}}, downward=downward)
    assert places(members) == ["member", "silver", after, "black"]
    assert matrix(draft, draft.applied) == matrix(draft, draft.preview)
    assert (effect_of(draft, draft.applied).down) == (1 if after == "silver" else 0)


def test_down_at_once_to_the_tier_that_fits(members: dict[str, Member]) -> None:
    applied(
        {"silver": {"entry_spend": "2501.00"}, "gold": {"entry_spend": "3000.00"}},
        downward="at_once",
    )
    assert places(members) == ["member", "member", "member", "black"]
    assert Standing.objects.get(member=members["2500"]).valid_until is None


def test_books_each_move_with_its_figures_and_version(members: dict[str, Member]) -> None:
    applied({"silver": {"entry_spend": "300.00"}})
    change = TierChange.objects.get(cause="programme_changed")
    standing = Standing.objects.get(member=members["300"])
    assert (change.member, change.from_tier.code, change.to_tier.code) == (  # type: ignore[union-attr]
        members["300"],
        "member",
        "silver",
    )
    assert (change.spend, change.orders, change.growth) == (Decimal(300), 1, 0)
    assert change.version == LadderVersion.objects.newest()
    assert change.version.tiers[1]["entry_spend"] == "300.00"
    assert (standing.valid_until, standing.since) == (change.valid_until, change.at)
    assert changes_of(members["600"]) == [("entry", "silver", None)]


def test_counts_through_the_window_of_the_draft(members: dict[str, Member]) -> None:
    draft = applied({}, ladder={"window": "9D"}, downward="at_once")
    assert places(members) == ["member", "member", "member", "member"]
    assert effect_of(draft, draft.applied).down == 3
    assert Ladder.objects.solo().window == "9D"


def test_puts_a_rung_between_others(members: dict[str, Member]) -> None:
    rung = {"code": "jade", "entry_spend": "550.00", "colour": "#00a060"}
    draft = applied({}, insert=(2, rung))
    assert places(members) == ["member", "jade", "gold", "black"]
    ranks = list(Tier.objects.by_rank().values_list("code", "rank"))
    assert ranks == [("member", 0), ("silver", 1), ("jade", 2), ("gold", 3), ("black", 4)]
    assert matrix(draft, draft.applied)[1] == ("silver", "jade", 1)


@pytest.mark.parametrize("downward", ["keep", "at_once"])
def test_takes_a_rung_out_and_moves_who_stands_on_it(
    members: dict[str, Member], downward: str
) -> None:
    ends_at = Standing.objects.get(member=members["2500"]).valid_until
    gold = Tier.objects.get(code="gold")
    override = lift(members["300"], gold)
    draft = applied({}, remove="gold", downward=downward)
    assert places(members) == ["member", "silver", "silver", "black"]
    assert matrix(draft, draft.applied) == matrix(draft, draft.preview)
    assert effect_of(draft, draft.applied).down == 1
    assert [tier.code for tier in Tier.objects.by_rank()] == ["member", "silver", "black"]
    assert Standing.objects.get(member=members["2500"]).valid_until == ends_at
    place = place_of(members["300"], override.starts_at)
    assert place.tier is not None
    assert place.tier.code == "member"
    assert broken() == {}


def test_who_stood_on_a_rung_that_goes_may_go_up(members: dict[str, Member]) -> None:
    applied({"black": {"entry_spend": "2400.00"}}, remove="gold")
    assert places(members) == ["member", "silver", "black", "black"]


def test_a_rung_that_was_taken_out_comes_back(members: dict[str, Member]) -> None:
    applied({}, remove="gold")
    gold = {"code": "gold", "entry_spend": "2000.00", "colour": "#c0a062"}
    applied({}, insert=(2, gold))
    assert places(members) == ["member", "silver", "gold", "black"]
    assert Tier.objects.filter(code="gold").count() == 1
    assert broken() == {}


def lift(member: Member, tier: Tier) -> TierOverride:
    return grant_override(
        member=member,
        tier=tier,
        kind="operator",
        ends_at=clock.now() + timedelta(days=30),
        reason="A long wait",
        key="o",
    )


def test_tells_what_it_costs_by_the_last_twelve_months(members: dict[str, Member]) -> None:
    """Gold: 2,500 spent and 2,500 points; black: 12,000 less a refund of 2,000."""
    purchase = members["12000"].purchases.get()  # type: ignore[attr-defined]
    give_back(purchase, "1000.00", clock.now() - timedelta(days=5))
    buy(members["300"], "90.00", clock.now() - timedelta(days=370))
    draft = previewed(
        {
            "silver": {"entry_spend": "300.00", "discount_rate": "0.980"},
            "gold": {"multiplier": "1.500", "discount_rate": "0.950"},
            "black": {"multiplier": "0.900"},
        }
    )
    effect = effect_of(draft, draft.preview)
    assert [
        (line.before, line.points, line.spend, line.points_more, line.discount_more)
        for line in effect.lines
    ] == [
        ("member", 300, Decimal(300), 0, Decimal(6)),
        ("silver", 600, Decimal(600), 0, Decimal(12)),
        ("gold", 2500, Decimal(2500), 1250, Decimal(125)),
        ("black", 11000, Decimal(11000), -1100, Decimal(0)),
    ]
    assert (effect.members, effect.up, effect.down) == (4, 1, 0)
    assert (effect.points_more, effect.discount_more) == (150, Decimal(143))


def test_notes_who_would_move(members: dict[str, Member]) -> None:
    draft = previewed({"silver": {"entry_spend": "300.00"}})
    move = LadderMove.objects.get()
    assert (move.draft, move.member, move.from_tier.code, move.to_code, move.is_up) == (
        draft,
        members["300"],
        "member",
        "silver",
        True,
    )


def test_who_buys_or_joins_after_the_preview_is_judged_by_what_is_there_then(
    members: dict[str, Member],
) -> None:
    draft = previewed({"silver": {"entry_spend": "400.00"}})
    assert effect_of(draft, draft.preview).up == 0
    buy(members["300"], "100.00", clock.now())
    newcomer = new_member()
    buy(newcomer, "450.00", clock.now())
    assert tier_of(newcomer) == "member"
    work_on_draft(apply_draft(draft=draft))
    draft.refresh_from_db()
    assert (tier_of(members["300"]), tier_of(newcomer)) == ("silver", "silver")
    assert effect_of(draft, draft.applied).up == 2


def test_purchases_judge_by_it_as_soon_as_it_is_confirmed(members: dict[str, Member]) -> None:
    draft = apply_draft(draft=previewed({"silver": {"entry_spend": "350.00"}}))
    buy(members["300"], "50.00", clock.now())
    assert changes_of(members["300"])[-1] == ("upgrade", "silver", "member")
    work_on_draft(draft)
    assert effect_of(draft, draft.applied).up == 0


@pytest.mark.parametrize("downward", ["keep", "at_once"])
def test_leaves_the_books_clean(members: dict[str, Member], downward: str) -> None:
    rung = {"code": "jade", "entry_spend": "550.00", "colour": "#00a060"}
    applied(
        {"gold": {"entry_spend": "3000.00"}, "silver": {"entry_spend": "200.00"}},
        insert=(2, rung),
        downward=downward,
    )
    assert broken() == {}


def test_every_range_is_done_once(members: dict[str, Member], settings: Any) -> None:
    settings.NIGHTLY_RANGE_SIZE = 1
    draft = applied({"silver": {"entry_spend": "300.00"}})
    assert draft.ranges.filter(phase="applying").count() == draft.ranges_total == 4
    assert TierChange.objects.filter(cause="programme_changed").count() == 1
    assert [row.attempts for row in draft.ranges.all()] == [1] * 8


def test_writing_it_again_forgets_the_preview(members: dict[str, Member]) -> None:
    draft = previewed({"silver": {"entry_spend": "300.00"}})
    draft = write_draft(draft=draft, content=draft.content, downward="at_once")
    assert (draft.status, draft.preview, LadderMove.objects.count()) == ("draft", {}, 0)
    with pytest.raises(DraftNotPreviewed):
        apply_draft(draft=draft)


def test_discarded_it_changes_nothing(members: dict[str, Member]) -> None:
    draft = discard_draft(draft=previewed({"silver": {"entry_spend": "300.00"}}))
    assert discard_draft(draft=draft).status == "discarded"
    for refused in (apply_draft, preview_draft):
        with pytest.raises((DraftNotPreviewed, DraftNotOpen)):
            refused(draft=draft)
    assert places(members) == ["member", "silver", "gold", "black"]


def test_applying_again_changes_nothing(members: dict[str, Member]) -> None:
    draft = applied({"silver": {"entry_spend": "300.00"}})
    assert apply_draft(draft=draft).status == "done"
    with pytest.raises(DraftNotOpen):
        discard_draft(draft=draft)
    with pytest.raises(DraftNotStopped):
        resume_draft(draft=draft)


def stopped(draft: LadderDraft) -> LadderDraft:
    """A confirmed draft whose only range has failed for good: nobody was moved."""
    draft = apply_draft(draft=draft)
    draft.ranges.filter(phase="applying").update(
        status=JobStatus.FAILED, attempts=MAX_ATTEMPTS, finished_at=clock.now(), error="Gone."
    )
    LadderDraft.objects.filter(pk=draft.pk).update(status="failed")
    draft.refresh_from_db()
    return draft


def test_no_other_is_applied_before_one_that_stopped_is_done(members: dict[str, Member]) -> None:
    """Its ranges still move members by its own rungs: on another ladder they would not fit."""
    first = stopped(previewed({}, remove="gold"))
    second = previewed({"silver": {"entry_spend": "200.00"}})
    with pytest.raises(DraftUnderWay):
        apply_draft(draft=second)
    assert Tier.objects.get(code="silver").entry_spend == Decimal(500)
    work_on_draft(resume_draft(draft=first))
    assert places(members) == ["member", "silver", "silver", "black"]
    assert apply_draft(draft=second).status == "applying"


@pytest.mark.parametrize("is_stopped", [False, True])
def test_nothing_else_changes_the_ladder_meanwhile(
    members: dict[str, Member], admin_client: Client, is_stopped: bool
) -> None:
    draft = previewed({"silver": {"entry_spend": "300.00"}})
    (stopped if is_stopped else lambda draft: apply_draft(draft=draft))(draft)
    with pytest.raises(DraftUnderWay):
        load_preset(name="plain")
    for page, values in (
        (("tier", Tier.objects.get(code="gold").pk), {"name_en": "Sun", "colour": "#c0a062"}),
        (("ladder", 1), {"validity": "6M", "grace_days": "1", "downgrade": "none"}),
    ):
        answer = admin_client.post(
            reverse(f"admin:loyalty_{page[0]}_change", args=[page[1]]), values
        )
        assert "A change of the ladder is being applied" in answer.content.decode()
    assert Tier.objects.get(code="gold").name_en == "Gold"
    assert Ladder.objects.solo().validity == "12M/month"


def test_refuses_a_draft_of_a_ladder_that_has_changed_since(members: dict[str, Member]) -> None:
    draft = previewed({"silver": {"entry_spend": "300.00"}})
    Tier.objects.filter(code="gold").update(multiplier=2)
    for refused in (apply_draft, preview_draft):
        with pytest.raises(DraftOutdated):
            refused(draft=draft)
    assert Tier.objects.get(code="silver").entry_spend == Decimal(500)


def test_refuses_a_draft_that_changes_nothing(members: dict[str, Member]) -> None:
    with pytest.raises(DraftChangesNothing):
        preview_draft(draft=drafted({}))


def test_refuses_no_reason(members: dict[str, Member]) -> None:
    with pytest.raises(DraftReasonMissing):
        begin_draft(operator=OperatorFactory(), reason=" ")
    assert not LadderDraft.objects.exists()


@pytest.mark.parametrize(
    ("edit", "refusal"),
    [
        (lambda tiers: tiers[2].update(entry_spend="500.00"), BoundsDoNotRise),
        (lambda tiers: tiers[0].update(code="other"), DraftRemovesLowest),
        (lambda tiers: tiers.append({**tiers[3], "id": None, "rank": "4"}), DraftCodeTwice),
    ],
)
def test_refuses_what_is_no_ladder(
    members: dict[str, Member], edit: Any, refusal: type[DomainError]
) -> None:
    draft = drafted({})
    content = {**draft.content, "tiers": [dict(rung) for rung in draft.content["tiers"]]}
    edit(content["tiers"])
    with pytest.raises(refusal):
        write_draft(draft=draft, content=content, downward="keep")
    draft.refresh_from_db()
    assert draft.content == draft.base
