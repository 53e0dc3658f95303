"""The texts that members agree to, and what administrators do for a login that is locked out."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import ModelAdmin, ReadOnlyModelAdmin, action, display
from members.models import ConsentText, User
from members.services.consent_texts import current_texts, publish_text
from members.services.logins import remove_second_step

# Keys, tokens and sessions are their owners': whoever reads them is them.
for secret in (Authenticator, UserSession, SocialAccount, SocialApp, SocialToken):
    admin.site.unregister(secret)


class WordingForm(forms.Form):
    """A new wording, in both languages."""

    text_en = forms.CharField(label=_("Text in English"), widget=forms.Textarea(attrs={"rows": 8}))
    text_zh = forms.CharField(label=_("Text in Chinese"), widget=forms.Textarea(attrs={"rows": 8}))


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyModelAdmin):
    """Every wording that members were asked to agree to; the latest of a subject holds."""

    list_display = ("subject", "version", "shown", "published_at", "operator")
    list_filter = ("subject",)
    list_select_related = ("operator",)
    ordering = ("subject", "-version")
    fields = ("subject", "version", "text_en", "text_zh", "published_at", "operator")
    actions_detail = ("publish",)

    def has_publish_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.has_perm("members.add_consenttext"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # A programme that nobody has joined yet has no wording of its own.
        current_texts()
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    @display(description=_("text"))
    def shown(self, text: ConsentText) -> str:
        words = text.text
        return words if len(words) <= 60 else f"{words[:60]}…"

    @action(
        description=_("Write a new version"),
        url_path="publish",
        permissions=["publish"],
        icon="edit",
    )
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        text = self.object_or_404(request, object_id)
        return self.form_page(
            request,
            object_id,
            title=_("Write a new version"),
            explanation=_(
                "Whoever joins from now on is shown this wording. What others agreed to before is "
                "kept as it was."
            ),
            perform=lambda row, data: publish_text(
                subject=row.subject, operator=cast(User, request.user), **data
            ),
            success=lambda done: (
                gettext("Version %(version)s holds now.") % {"version": done.version}
            ),
            form_class=WordingForm,
            initial={"text_en": text.text_en, "text_zh": text.text_zh},
        )


class SecondStepAdmin(ModelAdmin):
    """For a login whose owner has lost the authenticator app and the recovery codes."""

    actions_detail = ("take_second_step",)

    def has_second_step_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_superuser)

    @action(
        description=_("Take the second step off"),
        url_path="take-second-step",
        permissions=["second_step"],
        icon="lock_open",
    )
    def take_second_step(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.form_page(
            request,
            object_id,
            title=_("Take the second step off"),
            explanation=_(
                "Do this only for somebody whom you have recognised. They sign in with their "
                "password alone, and set up a new second step."
            ),
            perform=lambda user, data: self._take(request, user),
            success=lambda removed: (
                gettext("The second step is off.")
                if removed
                else gettext("There was no second step.")
            ),
        )

    def _take(self, request: HttpRequest, user: User) -> bool:
        removed = remove_second_step(user=user)
        if removed:
            self.log_change(request, user, "Second step taken off.")
        return removed
