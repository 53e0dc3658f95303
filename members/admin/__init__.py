"""Logins of operators, their groups, the stores, and lists of members."""

from collections.abc import Callable
from typing import Any, cast

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as AuthGroupAdmin
from django.contrib.auth.admin import UserAdmin as AuthUserAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from common.admin import (
    AdminPasswordChangeForm,
    LastingModelAdmin,
    ModelAdmin,
    ReadOnlyTabularInline,
    UserChangeForm,
    UserCreationForm,
    action,
    display,
)
from common.numbers import format_number
from members.forms import CardsForm
from members.models import Member, MemberTag, Segment, SegmentMembership, Store, Tag, User
from members.services import add_to_segment, tag_members, take_from_segment, untag_members

from .announcements import AnnouncementAdmin as AnnouncementAdmin
from .sign_in import SecondStepAdmin

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")

MEMBER_FIELDSETS = (
    (None, {"fields": ("username", "email", "is_active")}),
    (_("Dates"), {"fields": ("last_login", "date_joined")}),
)

# Addresses follow the members', in their own services: nobody edits the library's copy.
admin.site.unregister(EmailAddress)
admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(AuthGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Groups give rights: only administrators change them, whatever a clerk's permissions say."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(User)
class UserAdmin(SecondStepAdmin, AuthUserAdmin[User], ModelAdmin):  # type: ignore[misc]
    """Logins end by being switched off: what they did keeps their name.

    Nobody but an administrator gives rights, or touches a login with rights that they lack. A
    member's login is switched off and on here, and nothing else: name, address and password are
    the member's own. An administrator may edit an operator who is a member, too.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("username", "email")
    ordering = ("username",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        (_("Rights"), {"fields": ("is_active", *RIGHTS)}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "email", "is_staff", "password1", "password2"),
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or request.user.is_superuser:
            return True
        return not obj.is_superuser and _rights_of(obj) <= request.user.get_all_permissions()

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is not None and not self._is_editable(request, obj):
            return MEMBER_FIELDSETS
        return super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is not None and not self._is_editable(request, obj):
            return (*fields, "username", "email", *RIGHTS)
        return fields if request.user.is_superuser else (*fields, *RIGHTS)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        user = self.get_object(request, unquote(id))
        if user is not None and not self._is_editable(request, user):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def _is_editable(self, request: HttpRequest, user: User) -> bool:
        """Whether more may be changed than the switch; who may change it at all is asked apart."""
        if request.user.is_superuser and user.is_staff:
            return True
        return not Member.objects.filter(user=user).exists()


def _rights_of(user: User) -> set[str]:
    """What a login may do once it is switched on: of one that is off, Django tells nothing."""
    held = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    rights = held.values_list("content_type__app_label", "codename")
    return {f"{app_label}.{codename}" for app_label, codename in rights}


@admin.register(Store)
class StoreAdmin(SimpleHistoryAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ("code", "name_en", "name_zh", "city", "is_active")
    list_filter = ("is_active",)
    search_fields = ("code", "name_en", "name_zh", "city")


class CardListAdmin(LastingModelAdmin):
    """Something that members are put into and taken out of by lists of their cards."""

    list_display: tuple[str, ...] = ("shown", "code")
    fields = (("name_en", "name_zh"), "code")
    search_fields = ("code", "name_en", "name_zh")
    search_help_text = _("Code or name")
    actions_detail: tuple[str, ...] = ("put", "take")

    def has_lists_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(self.has_change_permission(request))

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    @display(description=pgettext_lazy("of a thing", "name"))
    def shown(self, row: Segment | Tag) -> str:
        return row.name

    def cards_page(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        title: str | Promise,
        explanation: str | Promise,
        perform: Callable[[Any, list[str]], int],
        told: Callable[[int], str],
    ) -> HttpResponse:
        """A form page that takes a list of cards and tells how many members it meant."""
        return self.form_page(
            request,
            object_id,
            title=title,
            explanation=explanation,
            perform=lambda row, data: perform(row, data["cards"]),
            success=told,
            form_class=CardsForm,
        )


class MembershipInline(ReadOnlyTabularInline):
    """Who is in the segment and who was; who came last stands first."""

    model = SegmentMembership
    fields = ("who", "card", "from_on", "until_on")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[SegmentMembership]:
        stays: QuerySet[SegmentMembership] = super().get_queryset(request)
        return stays.select_related("member").order_by("-pk")

    @display(description=_("member"))
    def who(self, stay: SegmentMembership) -> SafeString:
        return member_link(stay.member)

    @display(description=_("card number"))
    def card(self, stay: SegmentMembership) -> str:
        return stay.member.card_number


@admin.register(Segment)
class SegmentAdmin(CardListAdmin):
    """Segments of members: rules can be limited to them."""

    inlines = (MembershipInline,)

    @action(description=_("Add members"), url_path="add-members", permissions=["lists"], icon="add")
    def put(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cards_page(
            request,
            object_id,
            title=_("Add members"),
            explanation=_("They belong to the segment from today on."),
            perform=lambda row, cards: add_to_segment(segment=row, cards=cards),
            told=lambda count: (
                ngettext(
                    "%(count)s member is new in the segment.",
                    "%(count)s members are new in the segment.",
                    count,
                )
                % {"count": format_number(count)}
            ),
        )

    @action(
        description=_("Take members out"),
        url_path="take-members-out",
        permissions=["lists"],
        icon="remove",
    )
    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cards_page(
            request,
            object_id,
            title=_("Take members out"),
            explanation=_("From today on they belong to it no more. That they did is kept."),
            perform=lambda row, cards: take_from_segment(segment=row, cards=cards),
            told=lambda count: (
                ngettext(
                    "%(count)s member left the segment.",
                    "%(count)s members left the segment.",
                    count,
                )
                % {"count": format_number(count)}
            ),
        )


class MemberTagInline(ReadOnlyTabularInline):
    """Who has the tag, the newest first."""

    model = MemberTag
    fields = ("who", "card", "at", "operator")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[MemberTag]:
        tags: QuerySet[MemberTag] = super().get_queryset(request)
        return tags.select_related("member", "operator").order_by("-pk")

    @display(description=_("member"))
    def who(self, tag: MemberTag) -> SafeString:
        return member_link(tag.member)

    @display(description=_("card number"))
    def card(self, tag: MemberTag) -> str:
        return tag.member.card_number


@admin.register(Tag)
class TagAdmin(CardListAdmin):
    """Words that operators put on members."""

    inlines = (MemberTagInline,)

    @action(description=_("Tag members"), url_path="tag", permissions=["lists"], icon="add")
    def put(self, request: HttpRequest, object_id: str) -> HttpResponse:
        operator = cast(User, request.user)
        return self.cards_page(
            request,
            object_id,
            title=_("Tag members"),
            explanation=_("Members who have the tag already keep it."),
            perform=lambda row, cards: tag_members(tag=row, cards=cards, operator=operator),
            told=lambda count: (
                ngettext("%(count)s member got the tag.", "%(count)s members got the tag.", count)
                % {"count": format_number(count)}
            ),
        )

    @action(
        description=_("Take the tag off"), url_path="untag", permissions=["lists"], icon="remove"
    )
    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.cards_page(
            request,
            object_id,
            title=_("Take the tag off"),
            explanation=_("Members in the list lose the tag."),
            perform=lambda row, cards: untag_members(tag=row, cards=cards),
            told=lambda count: (
                ngettext("%(count)s member lost the tag.", "%(count)s members lost the tag.", count)
                % {"count": format_number(count)}
            ),
        )


def member_link(member: Member) -> SafeString:
    """A member by name; their page stands on a floor above."""
    url = reverse("admin:members_member_change", args=[member.pk])
    return format_html('<a class="fact-link" href="{}">{}</a>', url, member)
