"""The member's own corner: profile, consents, and what leaving would cost."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from loyalty.models import PointsMoney, Tier
from loyalty.services.overrides import grant_override
from loyalty.services.points import earn_points
from members.models import Consent, ConsentText, Member
from members.services import record_consent
from members.services.profile import change_consent
from tests.benefits.offers import coupon_for, offer
from tests.benefits.rewards import redeemed, reward
from tests.factories import StoreFactory, member_with_login

PROFILE = {"family_name": "李", "given_name": "雷", "home_store": "", "language": "en"}


def text(response: Any) -> str:
    return str(response.content.decode())


def page(client: Client, name: str) -> str:
    return text(client.get(reverse(name)))


def cost(client: Client, name: str) -> int:
    """How many statements a page sends, once everything that is kept is kept."""
    page(client, name)
    with CaptureQueriesContext(
        connection,
    ) as sent:
        page(client, name)
    return len(sent)


def test_gathers_what_is_about_the_member(signed_in: Client, member: Member) -> None:
    shown = page(signed_in, "me")
    for name in ("profile", "inbox", "tier", "privacy", "help", "account_logout"):
        assert f'"{reverse(name)}"' in shown, name
    assert "王小明" in shown
    # Pages of other floors appear with their routes.
    assert "Devices that are signed in" not in shown


# --- Profile -----------------------------------------------------------------------------------


def test_changes_the_profile(signed_in: Client, member: Member) -> None:
    store = StoreFactory.create(name_en="Bund store")
    answer = signed_in.post(reverse("profile"), PROFILE | {"home_store": store.pk}, follow=True)
    assert "Your profile is saved." in text(answer)
    member.refresh_from_db()
    assert (member.family_name, member.given_name, member.home_store) == ("李", "雷", store)
    assert "李雷" in page(signed_in, "home")


def test_speaks_the_language_at_once(signed_in: Client, member: Member) -> None:
    answer = signed_in.post(reverse("profile"), PROFILE | {"language": "zh-hans"}, follow=True)
    assert "资料已保存" in text(answer)
    assert "个人资料" in text(answer)
    member.refresh_from_db()
    assert member.language == "zh-hans"


def test_shows_how_the_member_is_reached_and_cannot_change_it(
    signed_in: Client, member: Member
) -> None:
    shown = page(signed_in, "profile")
    assert member.email
    assert member.email in shown
    assert member.phone.as_international in shown
    signed_in.post(reverse("profile"), PROFILE | {"email": "new@example.com", "phone": "1"})
    before = member.email
    member.refresh_from_db()
    assert member.email == before


def test_offers_the_birthday_once(signed_in: Client, member: Member) -> None:
    assert reverse("birthday") in page(signed_in, "profile")
    signed_in.post(reverse("birthday"), {"calendar": "solar", "month": "3", "day": "20"})
    shown = page(signed_in, "profile")
    assert "March 20" in shown
    assert reverse("birthday") not in shown


def test_a_closed_store_is_not_offered_but_stays(signed_in: Client, member: Member) -> None:
    closed, mine = StoreFactory.create(is_active=False), StoreFactory.create(is_active=False)
    Member.objects.update(home_store=mine)
    shown = page(signed_in, "profile")
    assert (closed.name_en in shown, mine.name_en in shown) == (False, True)


@pytest.mark.parametrize("field", ["family_name", "given_name"])
def test_refuses_a_name_that_is_too_long(signed_in: Client, member: Member, field: str) -> None:
    answer = text(signed_in.post(reverse("profile"), PROFILE | {field: "x" * 81}))
    assert "at most 80 characters" in answer
    member.refresh_from_db()
    assert member.family_name == "王"


# --- Consents ----------------------------------------------------------------------------------


def switch(client: Client, channel: str, word: str) -> str:
    data = {"channel": channel, "is_granted": word}
    return text(client.post(reverse("set_consent"), data, follow=True))


def test_switches_a_channel_and_keeps_every_word(signed_in: Client, member: Member) -> None:
    record_consent(member=member, channel="sms", is_granted=True, source="till")
    assert "Text message is off." in switch(signed_in, "sms", "no")
    assert "E-mail is switched on." in switch(signed_in, "email", "yes")
    assert Consent.objects.current(member) == {"sms": False, "email": True}
    shown = page(signed_in, "privacy")
    assert "What you said: 2 times" in shown
    assert "at the till" in shown
    assert "in the portal" in shown


def test_keeps_the_wording_that_was_agreed_to(signed_in: Client, member: Member) -> None:
    ConsentText.objects.create(subject="email", version=1, text_en="Old", text_zh="旧")
    text = ConsentText.objects.create(subject="email", version=2, text_en="Offers", text_zh="优惠")
    shown = page(signed_in, "privacy")
    assert "Offers" in shown
    assert "Old" not in shown
    data = {"channel": "email", "is_granted": "yes", "text": str(text.pk)}
    signed_in.post(reverse("set_consent"), data)
    consent = Consent.objects.get()
    assert (consent.text, consent.language) == (text, "en")
    assert "version 2 of the text" in page(signed_in, "privacy")
    of_another = {"channel": "sms", "is_granted": "yes", "text": str(text.pk)}
    assert signed_in.post(reverse("set_consent"), of_another).status_code == 404
    assert Consent.objects.count() == 1


def test_the_same_word_twice_is_kept_once(signed_in: Client, member: Member) -> None:
    switch(signed_in, "email", "yes")
    switch(signed_in, "email", "yes")
    assert Consent.objects.count() == 1
    assert change_consent(member=member, channel="phone", is_granted=False) is None


@pytest.mark.parametrize(
    "data",
    [
        {"channel": "in_app", "is_granted": "no"},
        {"channel": "pigeon", "is_granted": "yes"},
        {"channel": "email", "is_granted": "perhaps"},
        {"channel": "email"},
    ],
)
def test_what_is_no_switch_is_not_found(
    signed_in: Client, member: Member, data: dict[str, str]
) -> None:
    assert signed_in.post(reverse("set_consent"), data).status_code == 404
    assert Consent.objects.count() == 0


def test_says_where_a_channel_leads_nowhere(signed_in: Client, member: Member) -> None:
    assert "We know no e-mail address of yours." not in page(signed_in, "privacy")
    Member.objects.update(email=None)
    assert "We know no e-mail address of yours." in page(signed_in, "privacy")


def test_costs_as_much_for_a_long_history(signed_in: Client, member: Member) -> None:
    record_consent(member=member, channel="sms", is_granted=True, source="till")
    few = cost(signed_in, "privacy")
    for number in range(10):
        record_consent(member=member, channel="email", is_granted=bool(number % 2), source="till")
    assert cost(signed_in, "privacy") == few


# --- What leaving costs ------------------------------------------------------------------------


def losses(client: Client) -> str:
    return page(client, "erase").partition("What you lose")[2].partition("What stays with us")[0]


def test_spells_out_what_will_be_lost(signed_in: Client, member: Member) -> None:
    PointsMoney.objects.create(is_offered=True, points_per_money=100)
    earn_points(member=member, points=1_250, key="e", is_held=False)
    grant_override(
        member=member,
        kind="operator",
        tier=Tier.objects.get(code="gold"),
        ends_at=member.joined_at.replace(year=2099),
        reason="VIP",
        key="o",
    )
    coupon_for(member, offer(validity="never"), now=clock.now())
    redeemed(member, reward(points=250), now=clock.now())
    shown = losses(signed_in)
    assert "1,000 points, worth CN¥10.00." in shown
    assert "Your tier, Gold, and all that it brings." in shown
    assert "1 coupon that you have not used." in shown
    assert "1 reward that waits for you: its order is cancelled, and its points go too." in shown


def test_the_worth_follows_the_tier_and_the_setup(signed_in: Client, member: Member) -> None:
    earn_points(member=member, points=1_000, key="e", is_held=False)
    assert "1,000 points, worth CN¥10.00." in losses(signed_in)
    money = PointsMoney.objects.create(is_offered=False, points_per_money=200)
    assert "1,000 points." in losses(signed_in)
    money.is_offered = True
    money.save(update_fields=["is_offered"])
    assert "1,000 points, worth CN¥5.00." in losses(signed_in)
    Tier.objects.filter(code="member").update(points_per_money=50)
    assert "1,000 points, worth CN¥20.00." in losses(signed_in)


def test_who_holds_nothing_loses_card_and_history(signed_in: Client, member: Member) -> None:
    assert losses(signed_in).count("<li>") == 1


def test_costs_as_much_for_much(signed_in: Client, member: Member) -> None:
    earn_points(member=member, points=2_000, key="e", is_held=False)
    template = offer(validity="never")
    item = reward(points=10)
    coupon_for(member, template, key="k", now=clock.now())
    redeemed(member, item, "k", now=clock.now())
    few = cost(signed_in, "erase")
    for number in range(10):
        coupon_for(member, template, key=str(number), now=clock.now())
        redeemed(member, item, str(number), now=clock.now())
    assert cost(signed_in, "erase") == few


def test_pages_are_of_the_member_who_is_signed_in(signed_in: Client, member: Member) -> None:
    other = member_with_login(given_name="别人", family_name="周")
    record_consent(member=other, channel="sms", is_granted=True, source="till")
    assert "周别人" not in page(signed_in, "me")
    assert "What you said" not in page(signed_in, "privacy")
