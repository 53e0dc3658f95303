"""Sign-in, sign-out, the language, the inbox, and the door to every page of the portal."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account import views as allauth_views
from allauth.account.internal.stagekit import clear_login
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import check_for_language, gettext
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import DomainError
from common.forms import add_domain_error
from members import services
from members.adapters import member_of
from members.channels import carries
from members.forms import BirthdayForm, LoginForm, ReadNoticesForm
from members.models import Member, Notice
from members.notices import told
from members.services.birthdays import give_birthday
from members.wechat import can_use_wechat
from members.words import birthday_text

P = ParamSpec("P")

NOTICES_PER_PAGE = 20


def member_page(
    view: Callable[Concatenate[HttpRequest, Member, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page of the portal: the view is called with the member who is signed in.

    Anonymous visitors are sent to sign in and come back. A login without a membership (an
    operator's) sees a page that says so. The first page of a day makes it a day in the portal.
    Pages are never kept by caches: phones are shared.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        member = member_of(request.user)
        if member is None:
            return render(request, "account/no_member.html", status=403)
        # The login comes with the answer: a day's later pages ask and write nothing.
        if not getattr(request.user, "was_here_today", False):
            services.record_visit(member=member)
        return view(request, member, *args, **kwargs)

    return never_cache(login_required(guarded))


class LoginView(allauth_views.LoginView):  # type: ignore[misc]
    """Sign in with a password; the same page leads to codes, to joining and to WeChat."""

    form_class = LoginForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "anew" in request.GET:
            # Else whoever is asked for a second step is sent back to it from here.
            clear_login(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        channels = {name for name in ("sms", "email") if carries(name)}
        return context | {"channels": channels, "can_use_wechat": can_use_wechat()}


class ReauthenticateView(allauth_views.ReauthenticateView):  # type: ignore[misc]
    """Show again who is here, by the password."""

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(*args, **kwargs)
        form.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        return form


class LogoutView(allauth_views.LogoutView):  # type: ignore[misc]
    """Asks first when opened as a link; signs out on the button, and empties the browser."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


def locked_out(request: HttpRequest, *_axes: Any) -> HttpResponse:
    """The page after too many wrong passwords for one login from one address."""
    pause = get_cool_off(request)
    minutes = round(pause.total_seconds() / 60)
    response = render(request, "account/lockout.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(round(pause.total_seconds()))
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Switch the language and go back: remembered in a cookie, and with the member signed in."""
    language = request.POST.get("language", "")
    member = member_of(request.user)
    if member and language in dict(settings.LANGUAGES) and check_for_language(language):
        services.choose_language(member=member, language=language)
    return i18n.set_language(request)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def birthday(request: HttpRequest, member: Member) -> HttpResponse:
    """The member's birthday, given here once; what was given is shown and stays."""
    form = BirthdayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_birthday(member=member, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, gettext("Thank you: we have written your birthday down."))
            return HttpResponseRedirect(reverse("birthday"))
    context = {
        "member": member,
        "form": form,
        "told": birthday_text(member),
        "quiet_days": settings.BIRTHDAY_QUIET_DAYS,
    }
    return render(request, "birthday/birthday.html", context)


@require_safe
@member_page
def inbox(request: HttpRequest, member: Member) -> HttpResponse:
    """What the member was told, newest first, twenty a page."""
    notices = Notice.objects.for_member(member)
    page = Paginator(notices, NOTICES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "member": member,
        "page": page,
        "notices": [told(notice) for notice in page],
        "has_unread": notices.unread().exists(),
    }
    return render(request, "inbox/inbox.html", context)


@require_POST
@member_page
def read_notices(request: HttpRequest, member: Member) -> HttpResponse:
    """Mark one notice as read, or all of them, and go back to the page of the list."""
    form = ReadNoticesForm(request.POST)
    if not form.is_valid():
        raise Http404
    if form.cleaned_data["notice"]:
        notice = get_object_or_404(Notice, member=member, pk=form.cleaned_data["notice"])
        services.read_notice(notice=notice)
    else:
        services.read_all_notices(member=member)
    page = form.cleaned_data["page"] or 1
    return HttpResponseRedirect(f"{reverse('inbox')}?page={page}")
