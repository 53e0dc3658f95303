"""Members agree to the terms again when these change."""

from datetime import datetime

from django.db import transaction

from common import clock
from members.errors import MemberClosed, TermsOutdated
from members.models import Agreement, ConsentText, Member

from .consent_texts import current_texts


@transaction.atomic
def agree_to_terms(
    *,
    member: Member,
    text: ConsentText,
    language: str,
    source: str,
    now: datetime | None = None,
) -> Agreement:
    """Keep that a member agreed to a wording of the terms, in the language that it was read in.

    Once for each wording: again changes nothing. Refused: a wording that does not hold any more
    (TermsOutdated); a closed membership.
    """
    locked = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    if said := Agreement.objects.of(locked).filter(text=text).first():
        return said
    if locked.is_closed:
        raise MemberClosed
    if text != current_texts()[ConsentText.Subject.TERMS]:
        raise TermsOutdated
    return Agreement.objects.create(
        member=locked, text=text, language=language, at=now or clock.now(), source=source
    )
