"""Tier colours: from the database to a stylesheet, readable whatever was chosen."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from benefits.colours import (
    SHEEN,
    TRACK_DARK,
    TRACK_LIGHT,
    WHITE,
    card_colours,
    contrast,
    mix,
    stylesheet,
)
from loyalty.models import Tier

COLOURS = ["#000000", "#ffffff", "#808080", "#c0a062", "#8fa0b0", "#ff0000", "#ffff00", "#1a1aff"]


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@pytest.mark.parametrize("colour", COLOURS)
def test_text_is_readable_on_the_whole_gradient(colour: str) -> None:
    card = card_colours(colour)
    shades = [rgb(shade) for shade in (card.light, card.base, card.deep)]
    lit = [mix(shade, WHITE, SHEEN) for shade in shades]
    assert min(contrast(shade, rgb(card.ink)) for shade in shades + lit) >= 4.5


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_every_colour_gives_readable_words(chosen: tuple[int, int, int]) -> None:
    """On the card, and as a tier's name on every ground of a page, in light and in dark."""
    card = card_colours("#{:02x}{:02x}{:02x}".format(*chosen))
    assert card.least_contrast >= 4.5
    for ground in (TRACK_LIGHT, WHITE):
        assert contrast(rgb(card.text_on_light), ground) >= 4.5
    for ground in (TRACK_DARK, rgb("#1d1b18"), rgb("#12110f")):
        assert contrast(rgb(card.text_on_dark), ground) >= 4.5


@pytest.mark.parametrize("colour", COLOURS)
def test_bars_stand_out_in_light_and_in_dark(colour: str) -> None:
    card = card_colours(colour)
    assert contrast(rgb(card.bar_on_light), TRACK_LIGHT) >= 3
    assert contrast(rgb(card.bar_on_dark), TRACK_DARK) >= 3


def test_writes_one_class_per_tier() -> None:
    sheet = stylesheet([("gold", "#c0a062"), ("black-1", "#000000")])
    assert [line.partition("{")[0] for line in sheet.splitlines()] == [
        ".tier-gold",
        ".tier-black-1",
    ]


def test_comes_from_the_database_and_may_be_kept(client: Client, programme: None) -> None:
    first = client.get("/tiers.css")
    assert first["Content-Type"] == "text/css; charset=utf-8"
    assert first["Cache-Control"] == "public, max-age=300"
    assert ".tier-gold{" in first.content.decode()
    again = client.get("/tiers.css", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_follows_a_change_of_colour(client: Client, programme: None) -> None:
    tag = client.get("/tiers.css")["ETag"]
    Tier.objects.filter(code="gold").update(colour="#0a7d5c")
    assert client.get("/tiers.css", headers={"If-None-Match": tag}).status_code == 200
