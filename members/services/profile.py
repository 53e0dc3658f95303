"""Members correct who they are and say how they may be written to."""

from datetime import datetime
from typing import TypedDict

from django.db import transaction

from members.errors import ChannelFixed, MemberClosed
from members.models import Consent, ConsentText, Member, Store

from . import record_consent

# Said by the member, on the portal's own page.
PORTAL = "portal"
CHANNELS = (
    Consent.Channel.EMAIL,
    Consent.Channel.SMS,
    Consent.Channel.WECHAT,
    Consent.Channel.PHONE,
)


class Profile(TypedDict):
    """What a member may change about themselves without proof."""

    family_name: str
    given_name: str
    home_store: Store | None
    language: str


@transaction.atomic
def change_profile(*, member: Member, profile: Profile) -> Member:
    """Write down what a member says of themselves; empty names are none.

    Refused: a closed membership.
    """
    locked = _open_member(member)
    locked.family_name = profile["family_name"].strip()
    locked.given_name = profile["given_name"].strip()
    locked.home_store = profile["home_store"]
    locked.language = Member.Language(profile["language"])
    locked.save(update_fields=["family_name", "given_name", "home_store", "language"])
    return locked


@transaction.atomic
def change_consent(
    *,
    member: Member,
    channel: str,
    is_granted: bool,
    text: ConsentText | None = None,
    language: str = "",
    now: datetime | None = None,
) -> Consent | None:
    """Keep what a member says about a channel on the portal; None where they said so before.

    A channel never spoken of is off. `text` is the wording that was shown, and `language` the one
    it was shown in. Refused: the portal's own inbox, which belongs to the
    membership (ChannelFixed); a closed membership.
    """
    if channel not in CHANNELS:
        raise ChannelFixed()
    locked = _open_member(member)
    if Consent.objects.current(locked).get(channel, False) == is_granted:
        return None
    return record_consent(
        member=locked,
        channel=channel,
        is_granted=is_granted,
        source=PORTAL,
        at=now,
        text=text,
        language=language if text else "",
    )


def _open_member(member: Member) -> Member:
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if locked.is_closed:
        raise MemberClosed
    return locked
