"""What members are told of their sign-in, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.notices import NoticeKind, NoticeText

CONTACT_CHANGED = "contact_changed"
PASSWORD_CHANGED = "password_changed"  # noqa: S105
SECOND_STEP_CHANGED = "second_step_changed"

Params = Mapping[str, Any]


def contact_words(params: Params) -> NoticeText:
    """“Your phone number was changed”, and to which one, masked."""
    if params["channel"] == "sms":
        title = gettext("Your phone number was changed")
    else:
        title = gettext("Your e-mail address was changed")
    body = gettext("It is %(contact)s now. Was it not you? Tell us in the shop at once.")
    return NoticeText(title=title, body=body % {"contact": params["masked"]})


def password_words(params: Params) -> NoticeText:
    """“Your password was changed”."""
    return NoticeText(
        title=gettext("Your password was changed"),
        body=gettext("Other devices were signed out. Was it not you? Tell us in the shop at once."),
    )


def second_step_words(params: Params) -> NoticeText:
    """Whether signing in asks for a second step from now on."""
    if params["is_on"]:
        return NoticeText(
            title=gettext("Signing in asks for a second step now"),
            body=gettext("Keep your recovery codes where you find them without your phone."),
        )
    return NoticeText(
        title=gettext("Signing in asks for no second step any more"),
        body=gettext("Was it not you? Tell us in the shop at once."),
    )


KINDS = [
    NoticeKind(CONTACT_CHANGED, _("contact changed"), contact_words, "lock", "sign_in_settings"),
    NoticeKind(PASSWORD_CHANGED, _("password changed"), password_words, "lock", "sign_in_settings"),
    NoticeKind(
        SECOND_STEP_CHANGED,
        _("second step changed"),
        second_step_words,
        "lock",
        "sign_in_settings",
    ),
]
