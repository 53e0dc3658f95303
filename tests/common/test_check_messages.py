"""A string without a Chinese translation is named, and fails the check."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.skipif(
    shutil.which("xgettext") is None, reason="no gettext is installed to extract strings with"
)

HEADER = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""
SOURCE = """
from django.utils.translation import gettext as _, ngettext
_("%(points)d points left")
ngettext("one coupon", "%(count)d coupons", 2)
"""
TEMPLATE = '{% load i18n %}{% translate "Your card" %}'
POINTS = '#, python-format\nmsgid "%(points)d points left"\nmsgstr "还剩 %(points)d 积分"\n\n'
COUPONS = """
#, python-format
msgid "one coupon"
msgid_plural "%(count)d coupons"
msgstr[0] "%(count)d 张优惠券"

"""
CARD = 'msgid "Your card"\nmsgstr "你的会员卡"\n\n'


def check(root: Path, catalogue: str) -> str:
    """What the check says of a project of one Python file and one template."""
    (root / "shop").mkdir()
    (root / "shop" / "views.py").write_text(SOURCE)
    (root / "shop" / "card.html").write_text(TEMPLATE)
    folder = root / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(HEADER + COUPONS + catalogue, encoding="utf-8")
    said = StringIO()
    try:
        call_command("check_messages", root=root, stdout=said, stderr=said)
    except CommandError as error:
        said.write(str(error))
    assert not list(root.rglob("*.pot"))
    return said.getvalue().strip()


def test_passes_a_complete_catalogue(tmp_path: Path) -> None:
    assert check(tmp_path, POINTS + CARD) == "All 3 strings are translated."


@pytest.mark.parametrize(
    ("card", "fault"),
    [
        ("", "missing: Your card"),
        (CARD.replace("你的会员卡", ""), "empty: Your card"),
        (f"#, fuzzy\n{CARD}", "fuzzy: Your card"),
    ],
)
def test_names_what_is_not_translated(tmp_path: Path, card: str, fault: str) -> None:
    said = check(tmp_path, POINTS + card)
    assert said == f"{fault}\n1 of 3 strings lack a translation."


def test_names_a_translation_that_lost_a_placeholder(tmp_path: Path) -> None:
    said = check(tmp_path, POINTS.replace("还剩 %(points)d", "还剩 %(point)d") + CARD)
    assert said.startswith("placeholders: %(points)d points left (")


def test_says_plainly_that_xgettext_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = check(tmp_path, POINTS + CARD)
    assert said == "xgettext is missing, which finds the strings: install gettext."
