"""Logins of operators, their groups, and the stores."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as AuthGroupAdmin
from django.contrib.auth.admin import UserAdmin as AuthUserAdmin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from common.admin import AdminPasswordChangeForm, ModelAdmin, UserChangeForm, UserCreationForm
from members.models import Member, Store, User

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
class UserAdmin(AuthUserAdmin[User], ModelAdmin):  # type: ignore[misc]
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
