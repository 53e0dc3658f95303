"""The second step: allauth's pages, asked for by who has shown lately who they are."""

from typing import Any

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from members.confirming import fresh_required, login_of, note_proof
from members.services.logins import tell_of_second_step
from members.services.sessions import end_other_sessions

hidden_post = method_decorator(sensitive_post_parameters(), name="dispatch")


@hidden_post
class AuthenticateView(base.AuthenticateView):  # type: ignore[misc]
    """The second step of signing in."""

    def _build_forms(self) -> Any:
        if self.request.method == "POST" and "code" not in self.request.POST:
            # allauth would take a form without a code for a security key's.
            self.request.POST = self.request.POST.copy()
            self.request.POST["code"] = ""
        return super()._build_forms()


@hidden_post
class ReauthenticateView(base.ReauthenticateView):  # type: ignore[misc]
    """The same, to show again who is here."""


@hidden_post
class ActivateView(totp.ActivateTOTPView):  # type: ignore[misc]
    """Set an authenticator app up: other devices, which know no second step, are signed out."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        user = login_of(self.request)
        note_proof(self.request, user, "mfa", type="totp")
        end_other_sessions(user=user, session_key=self.request.session.session_key or "")
        tell_of_second_step(user=user, is_on=True)
        return response


class DeactivateView(totp.DeactivateTOTPView):  # type: ignore[misc]
    """Give the second step up, where it may be."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        tell_of_second_step(user=login_of(self.request), is_on=False)
        return response


activate = fresh_required(ActivateView.as_view())
deactivate = fresh_required(DeactivateView.as_view())
view_codes = fresh_required(recovery_codes.view_recovery_codes)
download_codes = fresh_required(recovery_codes.download_recovery_codes)
new_codes = fresh_required(recovery_codes.generate_recovery_codes)
authenticate = AuthenticateView.as_view()
reauthenticate = ReauthenticateView.as_view()
