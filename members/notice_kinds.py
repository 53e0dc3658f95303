"""What the members app tells members, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.models import in_active_language
from members.notices import NoticeKind, NoticeText, told_day

ERASURE_ASKED = "erasure_asked"
ANNOUNCEMENT = "announcement"
# The kind of a notice whose member was erased: nobody reads it.
ERASED = "erased"
MERGED = "memberships_merged"
MERGE_UNDONE = "merge_undone"


def _erasure_asked(params: Mapping[str, Any]) -> NoticeText:
    told = {"day": told_day(params["last_day"])}
    return NoticeText(
        title=gettext("Your account will be erased after %(day)s") % told,
        body=gettext(
            "You, or somebody signed in as you, asked for it. You can take it back until then; "
            "afterwards nothing can be brought back."
        ),
    )


def _announcement(params: Mapping[str, Any]) -> NoticeText:
    return NoticeText(
        title=in_active_language(params["title_en"], params["title_zh"]),
        body=in_active_language(params["body_en"], params["body_zh"]),
    )


def _erased(params: Mapping[str, Any]) -> NoticeText:
    return NoticeText(title=gettext("A message to a member who was erased"), body="")


def _merged(params: Mapping[str, Any]) -> NoticeText:
    return NoticeText(
        title=gettext("Your two memberships are one now"),
        body=gettext(
            "Your points and coupons are together here, and your purchases of both count. Either "
            "card can be shown in the shop."
        ),
    )


def _merge_undone(params: Mapping[str, Any]) -> NoticeText:
    return NoticeText(
        title=gettext("Two memberships are apart again"),
        body=gettext(
            "They had been put together by mistake. What came from the other membership has gone "
            "back to it."
        ),
    )


KINDS = [
    NoticeKind(
        code=ERASURE_ASKED,
        name=_("Account will be erased"),
        words=_erasure_asked,
        icon="alert",
        page="erase",
    ),
    NoticeKind(
        code=ANNOUNCEMENT,
        name=_("Announcement"),
        words=_announcement,
        icon="chat",
        page="inbox",
    ),
    NoticeKind(
        code=MERGED, name=_("Memberships merged"), words=_merged, icon="merge", page="points"
    ),
    NoticeKind(
        code=MERGE_UNDONE,
        name=_("Merge undone"),
        words=_merge_undone,
        icon="merge",
        page="points",
    ),
    NoticeKind(code=ERASED, name=_("Erased"), words=_erased, icon="bell", page="inbox"),
]
