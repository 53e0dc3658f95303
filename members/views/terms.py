"""The terms as they hold now, and the member's yes to them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from common.errors import DomainError
from members.forms.profile import TermsForm
from members.models import Agreement, ConsentText, Member
from members.services.consent_texts import current_texts
from members.services.profile import PORTAL
from members.services.terms import agree_to_terms
from members.views import member_page
from members.words import consent_source


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def terms(request: HttpRequest, member: Member) -> HttpResponse:
    """The wording that holds, and a button where the member has agreed to another or to none.

    Terms that change while they are read are read again.
    """
    if request.method == "POST":
        return _agreed(request, member)
    text = current_texts()[ConsentText.Subject.TERMS]
    said = list(Agreement.objects.of(member))
    context = {
        "member": member,
        "text": text,
        "is_agreed": any(agreement.text_id == text.pk for agreement in said),
        "said": [(agreement, consent_source(agreement.source)) for agreement in said],
    }
    return render(request, "me/terms.html", context)


def _agreed(request: HttpRequest, member: Member) -> HttpResponse:
    form = TermsForm(request.POST)
    if not form.is_valid():
        raise Http404
    text, language = form.cleaned_data["text"], str(request.LANGUAGE_CODE)
    try:
        agree_to_terms(member=member, text=text, language=language, source=PORTAL)
    except DomainError as error:
        messages.warning(request, str(error))
        return HttpResponseRedirect(reverse("terms"))
    messages.success(request, gettext("Thank you: your yes is written down."))
    return HttpResponseRedirect(reverse("home"))
