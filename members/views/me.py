"""The member's own corner of the portal, and who they are."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, override
from django.views.decorators.http import require_http_methods, require_safe

from common.errors import DomainError
from common.forms import add_domain_error
from members.adapters import remember_language
from members.forms.profile import ProfileForm
from members.models import Member
from members.services.profile import change_profile
from members.views import member_page
from members.words import birthday_text


@require_safe
@member_page
def me(request: HttpRequest, member: Member) -> HttpResponse:
    """Everything about the member themselves: profile, privacy, help, messages, sign-out."""
    return render(request, "me/me.html", {"member": member})


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def profile(request: HttpRequest, member: Member) -> HttpResponse:
    """Name, home store and language to change; how we reach the member, and the birthday."""
    language = member.language or request.LANGUAGE_CODE
    form = ProfileForm(request.POST or None, instance=member, initial={"language": language})
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_profile(member=member, profile=form.cleaned_data)  # type: ignore[arg-type]
        except DomainError as error:
            add_domain_error(form, error)
        else:
            with override(changed.language):
                messages.success(request, gettext("Your profile is saved."))
            response = HttpResponseRedirect(reverse("profile"))
            remember_language(response, changed.language)
            return response
    context = {
        "member": member,
        "form": form,
        "birthday": birthday_text(member),
    }
    return render(request, "me/profile.html", context)
