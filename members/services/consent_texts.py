"""The texts that members agree to: the latest version holds, every version is kept."""

from django.conf import settings
from django.db import transaction

from common import clock
from members.errors import TextUnchanged
from members.models import ConsentText, User
from members.words import first_text

Subject = ConsentText.Subject


def current_texts() -> dict[str, ConsentText]:
    """The text that holds now of each subject.

    A subject that nobody has written for begins with the programme's first wording as version 1.
    """
    texts = ConsentText.objects.current()
    missing = [subject for subject in Subject if subject not in texts]
    if not missing:
        return texts
    first = [
        ConsentText(
            subject=subject,
            version=1,
            text_en=first_text(subject, "en"),
            text_zh=first_text(subject, "zh-hans"),
        )
        for subject in missing
    ]
    with transaction.atomic():
        ConsentText.objects.bulk_create(first, ignore_conflicts=True)
    return ConsentText.objects.current()


@transaction.atomic
def publish_text(*, subject: str, text_en: str, text_zh: str, operator: User) -> ConsentText:
    """Make a new wording the one that holds; who agreed before agreed to the wording of then.

    Refused: the wording that holds already (TextUnchanged).
    """
    # Of two operators at once the second one reads what the first one published.
    list(User.objects.select_for_update(no_key=True).filter(pk=operator.pk))
    texts = ConsentText.objects.of(subject).order_by("-version")
    last = texts.select_for_update().first() or current_texts()[subject]
    if (last.text_en, last.text_zh) == (text_en, text_zh):
        raise TextUnchanged
    return ConsentText.objects.create(
        subject=subject,
        version=last.version + 1,
        text_en=text_en,
        text_zh=text_zh,
        published_at=clock.now(),
        operator=operator,
    )


def offered_subjects() -> list[str]:
    """What a member may agree to besides the terms: the ways in which something writes here."""
    ways = [name for name, path in settings.NOTICE_CHANNELS.items() if path]
    return [subject for subject in Subject if subject in ways]
