"""What operators tell a segment."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from common.forms import KeyedForm
from members.models import Announcement, Segment


def _words(name: str, rows: int = 0) -> forms.CharField:
    column: Any = Announcement._meta.get_field(name)
    return forms.CharField(
        label=capfirst(column.verbose_name),
        max_length=column.max_length,
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(),
    )


class AnnouncementForm(KeyedForm):
    """The segment, and the words in both languages."""

    segment = forms.ModelChoiceField(
        label=_("Segment"),
        queryset=Segment.objects.order_by("code"),
        help_text=_("Its active members are told, as they are on the day on which it is sent."),
    )
    title_en = _words("title_en")
    body_en = _words("body_en", rows=4)
    title_zh = _words("title_zh")
    body_zh = _words("body_zh", rows=4)
