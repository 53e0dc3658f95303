"""An operators' side of its own for tests: stores, with two actions."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from unfold.sites import UnfoldAdminSite

from common.admin import ModelAdmin, ReadOnlyModelAdmin, action
from common.errors import DomainError
from common.forms import KeyedForm
from config import urls
from members.models import Member, Store

PERFORMED: list[dict[str, Any]] = []


class TooFar(DomainError):
    code = "too_far"
    message = "%(distance)s km is too far."


class MoveForm(KeyedForm):
    distance = forms.IntegerField()
    reason = forms.CharField(widget=forms.Textarea)
    is_sure = forms.BooleanField(required=False)
    how = forms.ChoiceField(choices=[("road", "Road")])


class StoreAdmin(ModelAdmin):
    actions_detail = ("move", "close")
    list_display = ("code", "name_en")
    search_fields = ("code",)

    @action(description="Move the store", url_path="move", permissions=["move"])
    def move(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.form_page(
            request,
            object_id,
            title="Move the store",
            explanation="Members are told the new address.",
            form_class=MoveForm,
            perform=move,
            success="The store moved.",
            initial={"distance": 1},
        )

    def has_move_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("members.change_store")

    @action(description="Close the store", url_path="close")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.form_page(
            request,
            object_id,
            title="Close the store",
            explanation="This cannot be taken back.",
            perform=lambda store, data: store.delete(),
            success="The store is closed.",
        )


class MemberAdmin(ReadOnlyModelAdmin):
    list_display: ClassVar[tuple[str, ...]] = ("card_number",)


def move(store: Store, data: dict[str, Any]) -> None:
    if data["distance"] > 1000:
        raise TooFar(distance=data["distance"])
    PERFORMED.append({"store": store.code, **data})


class BareSite(UnfoldAdminSite):  # type: ignore[misc]
    """Without the sidebar of the settings, which links to every app's lists."""

    settings_name = "UNFOLD_BARE"


site: AdminSite = BareSite(name="admin")
# The sidebar names the real pages: they stay, but for the two that are ours.
for model, registered in admin.site._registry.items():
    site.register(model, {Store: StoreAdmin, Member: MemberAdmin}.get(model, type(registered)))

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", site.urls),
    *(pattern for pattern in urls.urlpatterns if str(pattern.pattern) != "admin/"),
]
