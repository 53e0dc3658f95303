"""What members agreed to, and all that is known of them."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from common import clock
from members.exports import member_csv_zip, member_json
from members.forms.profile import ConsentForm
from members.models import Consent, ConsentText, Member
from members.services.profile import CHANNELS, change_consent
from members.views import member_page
from members.words import consent_source


@dataclass(frozen=True)
class ToldConsent:
    """One word of a member about a channel, and where it was said."""

    said: Consent
    source: str


@dataclass(frozen=True)
class ShownChannel:
    """A channel, whether it may be used, and all that was ever said about it, the newest first.

    `text` is what members are asked to agree to now, where the programme has written it.
    """

    channel: Consent.Channel
    is_granted: bool
    is_reachable: bool
    history: list[ToldConsent]
    text: ConsentText | None


@require_safe
@member_page
def privacy(request: HttpRequest, member: Member) -> HttpResponse:
    """Consents by channel with their history, the member's data to take away, the way out."""
    context = {"member": member, "channels": channels_of(member)}
    return render(request, "me/privacy.html", context)


@require_POST
@member_page
def set_consent(request: HttpRequest, member: Member) -> HttpResponse:
    """Switch one channel on or off; the same again changes nothing."""
    form = ConsentForm(request.POST)
    if not form.is_valid() or form.cleaned_data["channel"] not in CHANNELS:
        raise Http404
    change_consent(member=member, language=request.LANGUAGE_CODE, **form.cleaned_data)
    channel = Consent.Channel(form.cleaned_data["channel"]).label
    is_on = form.cleaned_data["is_granted"]
    text = gettext("%(channel)s is switched on.") if is_on else gettext("%(channel)s is off.")
    messages.success(request, text % {"channel": sentence_case(str(channel))})
    return HttpResponseRedirect(reverse("privacy"))


@require_safe
@member_page
def data_json(request: HttpRequest, member: Member) -> StreamingHttpResponse:
    """All that is known of the member, for programs."""
    response = StreamingHttpResponse(member_json(member), content_type="application/json")
    return _named(response, member, "json")


@require_safe
@member_page
def data_csv(request: HttpRequest, member: Member) -> StreamingHttpResponse:
    """The same for spreadsheets: an archive with a file for each table."""
    response = StreamingHttpResponse(member_csv_zip(member), content_type="application/zip")
    return _named(response, member, "zip")


def channels_of(member: Member) -> list[ShownChannel]:
    """The channels that a member may switch, in two queries."""
    words: dict[str, list[ToldConsent]] = {channel: [] for channel in CHANNELS}
    texts = ConsentText.objects.current()
    said_before = Consent.objects.filter(member=member).select_related("text")
    for said in said_before.order_by("-at", "-pk"):
        if said.channel in words:
            words[said.channel].append(ToldConsent(said, consent_source(said.source)))
    reached = {
        Consent.Channel.EMAIL: bool(member.email),
        Consent.Channel.SMS: bool(member.phone),
        Consent.Channel.PHONE: bool(member.phone),
    }
    return [
        ShownChannel(
            channel=channel,
            is_granted=bool(words[channel]) and words[channel][0].said.is_granted,
            is_reachable=reached.get(channel, True),
            history=words[channel],
            text=texts.get(channel),
        )
        for channel in CHANNELS
    ]


def sentence_case(text: str) -> str:
    """A name at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _named(response: StreamingHttpResponse, member: Member, ending: str) -> StreamingHttpResponse:
    name = f"regulars-{member.card_number}-{clock.today():%Y%m%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
