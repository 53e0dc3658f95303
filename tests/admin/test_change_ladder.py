"""Operators change the ladder: draft, one page for all rungs, preview, matrix, file, apply."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from loyalty.models import LadderDraft, Tier
from loyalty.services.ladder_changes.applying import work_on_draft
from members.models import Member, User
from tests.factories import MemberFactory
from tests.loyalty.ladder_changes import previewed
from tests.loyalty.ledgers import buy, new_member
from tests.loyalty.programmes import plain_programme
from tests.loyalty.reviews import tier_of


@pytest.fixture
def member(db: None) -> Member:
    """On member with 300.00 spent; another is on gold."""
    plain_programme()
    member = new_member()
    buy(member, "300.00", clock.now())
    buy(new_member(), "2500.00", clock.now())
    return member


def page(name: str, draft: LadderDraft | None = None) -> str:
    return reverse(f"admin:loyalty_ladderdraft_{name}", args=[draft.pk] if draft else [])


def sent(client: Client, draft: LadderDraft, **values: Any) -> dict[str, Any]:
    """What the page holds when it is shown, as a browser sends it, and what is changed of it."""
    context = client.get(page("write", draft)).context
    data: dict[str, Any] = {}
    for form in (context["form"], context["rungs"].management_form, *context["rungs"]):
        for field in form:
            value = field.value()
            data[field.html_name] = "" if value is None else value
    return {**data, **values}


def begun(client: Client) -> LadderDraft:
    assert client.post(page("new"), {"reason": "A fairer ladder"}).status_code == 302
    return LadderDraft.objects.latest("pk")


def done(draft: LadderDraft) -> LadderDraft:
    draft.refresh_from_db()
    return work_on_draft(draft)


def test_drafts_previews_confirms_applies_and_tells(
    desk: Client, operator: User, member: Member
) -> None:
    draft = begun(desk)
    data = sent(desk, draft, **{"rungs-1-entry_spend": "300", "rungs-2-discount_rate": "0.95"})
    assert desk.post(page("write", draft), data).status_code == 302
    assert desk.post(page("preview", draft), {"key": "p"}).status_code == 302
    assert 'hx-trigger="every 2s"' in desk.get(page("change", draft)).content.decode()
    draft = done(draft)
    shown = desk.get(page("change", draft)).content.decode()
    for words in ("↑ 1 · ↓ 0", "CN¥125.00", "Nothing has changed yet.", str(member.display_name)):
        assert words in shown
    assert "1 members go up and 0 go down." in desk.get(page("apply", draft)).content.decode()
    assert tier_of(member) == "member"
    assert desk.post(page("apply", draft), {"key": "a"}).status_code == 302
    draft = done(draft)
    assert (draft.operator, draft.status, tier_of(member)) == (operator, "done", "silver")
    assert desk.get(page("progress", draft)).headers["HX-Refresh"] == "true"
    assert "went up and down" in desk.get(page("change", draft)).content.decode()


def test_puts_a_rung_in_on_the_same_page(desk: Client, member: Member) -> None:
    draft = begun(desk)
    rung = {"code": "jade", "name_en": "Jade", "rank": "1", "entry_spend": "100"}
    values = {f"rungs-4-{name}": value for name, value in rung.items()}
    assert desk.post(page("write", draft), sent(desk, draft, **values)).status_code == 302
    draft.refresh_from_db()
    codes = [tier["code"] for tier in draft.content["tiers"]]
    assert codes == ["member", "jade", "silver", "gold", "black"]
    assert not Tier.objects.filter(code="jade").exists()


def test_takes_a_rung_out_on_the_same_page(desk: Client, member: Member) -> None:
    draft = begun(desk)
    data = sent(desk, draft, **{"rungs-2-DELETE": "on"})
    assert desk.post(page("write", draft), data).status_code == 302
    draft.refresh_from_db()
    assert [tier["code"] for tier in draft.content["tiers"]] == ["member", "silver", "black"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rungs-2-entry_spend": "500"}, "must ask for more than"),
        ({"rungs-1-discount_rate": "1.2"}, "at most 1"),
        ({"window": "decade"}, "is not a period"),
        ({"rungs-1-code": "gold"}, "Two tiers have the code gold."),
        ({"rungs-0-code": "other"}, "Member is the lowest tier"),
    ],
)
def test_refuses_in_words_that_say_what_to_do(
    desk: Client, member: Member, values: dict[str, str], words: str
) -> None:
    draft = begun(desk)
    response = desk.post(page("write", draft), sent(desk, draft, **values))
    assert response.status_code == 200
    assert words in response.content.decode()
    draft.refresh_from_db()
    assert draft.content == draft.base


def test_gives_who_moves_as_a_file_without_formulas(desk: Client, member: Member) -> None:
    other = MemberFactory(family_name="", given_name="=cmd|x", joined_at=member.joined_at)
    buy(other, "301.00", clock.now())
    draft = previewed({"silver": {"entry_spend": "300.00"}})
    response = desk.get(page("moves", draft))
    rows = b"".join(response).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert rows[0] == "member,name,tier before,tier after"
    assert sorted(rows[1:]) == sorted(
        [
            f"{member.card_number},{member.display_name},Member,Silver",
            f"{other.card_number},'=cmd|x,Member,Silver",
        ]
    )


def test_discards(desk: Client, member: Member) -> None:
    draft = previewed({"silver": {"entry_spend": "300.00"}})
    desk.post(page("discard", draft), {"key": "d"})
    draft.refresh_from_db()
    assert draft.status == "discarded"
    refused = desk.post(page("apply", draft), {"key": "a"}).content.decode()
    assert "Preview the draft first" in refused
    assert tier_of(member) == "member"


@pytest.mark.parametrize("phase", ["previewing", "applying"])
def test_lets_go_of_a_preview_that_failed_and_of_nothing_in_force(
    desk: Client, member: Member, phase: str
) -> None:
    draft = previewed({"silver": {"entry_spend": "300.00"}})
    confirmed_at = clock.now() if phase == "applying" else None
    LadderDraft.objects.update(status="failed", confirmed_at=confirmed_at)
    shown = desk.get(page("change", draft)).content.decode()
    assert (page("discard", draft) in shown) == (phase == "previewing")
    assert page("resume", draft) in shown
    desk.post(page("discard", draft), {"key": "once"})
    draft.refresh_from_db()
    assert draft.status == ("discarded" if phase == "previewing" else "failed")
