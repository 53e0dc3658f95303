"""Two members who are one person: found, looked at side by side, merged, and made two again."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import ReadOnlyTabularInline, action, display
from common.admin.columns import state
from common.numbers import format_number
from loyalty.errors import MemberNotFound, SeveralMembersFound
from loyalty.forms.merges import MergeForm, UndoMergeForm
from loyalty.models import MergeMove
from members.duplicates import LikelyPair, likely_duplicates
from members.merging import figures_of_merge, words_of_undo
from members.models import Member, MemberMerge, User
from members.services.merging import merge_members, refuse_merge, undo_merge

from .bases import MemberFactAdmin, link_to, members_meant
from .previews import Deed, Preview, PreviewedAdmin

MOST_PAGES = 400


class MergeActionAdmin(PreviewedAdmin):
    """The action on the page of the member who is kept."""

    def has_merge_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.add_membermerge")

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Of a merged member one may look back; everything else is done for the kept one."""
        actions: list[Any] = super().get_actions_detail(request, object_id)
        is_merged = Member.objects.filter(pk=object_id, merged_into__isnull=False).exists()
        return [each for each in actions if not is_merged or each.method.__name__ == "as_of"]

    @action(
        description=_("Merge a duplicate into this member"),
        url_path="merge",
        permissions=["merge"],
        icon="merge",
    )
    def merge(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show both side by side and what there is afterwards; merge them once confirmed."""
        kept: Member = self.object_or_404(request, object_id)
        operator = cast(User, request.user)

        def preview(data: dict[str, Any]) -> Preview:
            return merge_preview(kept, other_member(data["other"]))

        def perform(data: dict[str, Any]) -> MemberMerge:
            return merge_members(
                kept=kept,
                merged=other_member(data["other"]),
                operator=operator,
                reason=data["reason"],
                key=data["key"],
            )

        initial = {"other": request.GET.get("other", "")}
        deed = Deed(
            title=_("Merge a duplicate into this member"),
            explanation=gettext(
                "Card %(card)s is kept. The other membership is closed, and its card and contacts "
                "stand for this one. Nothing is merged before you confirm."
            )
            % {"card": kept.card_number},
            form=lambda sent: MergeForm(sent, initial=initial),
            preview=preview,
            perform=perform,
            success=lambda merge: gettext("The members are merged."),
            known=lambda sent: _merged_before(kept, sent.get("key", "")),
        )
        return self.previewed_page(request, kept, deed)


def merged_state(kept_id: int) -> SafeString:
    """That a member was merged, leading to whom; the list does not read who that is."""
    url = reverse("admin:members_member_change", args=[kept_id])
    link = format_html('<a class="fact-link" href="{}">{}</a>', url, gettext("kept member"))
    return format_html("{} {}", state(gettext("merged"), "plain"), link)


def other_member(text: str) -> Member:
    """The one member who is meant by a number or contact."""
    found = Member.objects.identified_by(text)
    if not found:
        raise MemberNotFound(text=text)
    if len(found) > 1:
        raise SeveralMembersFound(text=text)
    return found[0]


def merge_preview(kept: Member, merged: Member) -> Preview:
    """Who both are, what they hold and what there is afterwards; refused like the merge itself."""
    at = clock.now()
    refuse_merge(kept, merged, at)
    rows = [(name, one, other, _after(one, other)) for name, one, other in _persons(kept, merged)]
    figures = figures_of_merge(kept, merged, at)
    rows += [(row.name, row.kept, row.merged, row.after) for row in figures]
    return Preview(
        rows=rows,
        heads=(pgettext("merge", "Kept"), pgettext("merge", "Merged"), gettext("Afterwards")),
        notes=(
            gettext(
                "Both ledgers stay. What the kept member lacks of contacts, name, birthday and "
                "consents is taken over; purchases of both count for the tier, each on its day."
            ),
            gettext(
                "It can be undone on the page of the merge. What is spent until then cannot come "
                "back by itself: the page says before what would be owed."
            ),
        ),
    )


def _persons(kept: Member, merged: Member) -> list[tuple[str, str, str]]:
    told = (
        (gettext("Name"), lambda one: one.display_name),
        (gettext("Card number"), lambda one: one.card_number),
        (gettext("Customer number"), lambda one: one.external_number),
        (gettext("Phone number"), lambda one: one.phone),
        (gettext("E-mail address"), lambda one: one.email),
        (gettext("Birthday"), _birthday),
        (gettext("Joined on"), lambda one: one.joined_on.isoformat()),
        (gettext("Can sign in"), lambda one: gettext("yes") if one.user_id else ""),
    )
    return [(name, str(of(kept) or "–"), str(of(merged) or "–")) for name, of in told]


def _after(one: str, other: str) -> str:
    return other if one == "–" else one


def _birthday(member: Member) -> str:
    if member.birth_month is None or member.birth_day is None:
        return ""
    day = f"{member.birth_month:02}-{member.birth_day:02}"
    text = f"{member.birth_year}-{day}" if member.birth_year else day
    is_lunar = member.birth_calendar == Member.Calendar.LUNAR
    return f"{text} ({member.get_birth_calendar_display()})" if is_lunar else text


def _merged_before(kept: Member, key: str) -> MemberMerge | None:
    return MemberMerge.objects.filter(kept=kept, key=key).first() if key else None


class MergeMoveInline(ReadOnlyTabularInline):
    """What moved, in the order in which it did."""

    model = MergeMove
    fields = ("kind", "points", "debt", "end", "way")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[MergeMove]:
        moves: QuerySet[MergeMove] = super().get_queryset(request)
        return moves.select_related("given__account__point_type", "given__lot").order_by("pk")

    @display(description=_("kind of points"))
    def kind(self, move: MergeMove) -> str:
        return move.given.account.point_type.name

    @display(description=_("points"))
    def points(self, move: MergeMove) -> str:
        return format_number(move.given.points)

    @display(description=_("change of debt"))
    def debt(self, move: MergeMove) -> str | None:
        change = move.given.debt_change
        return format_number(change) if change else None

    @display(description=_("last valid day"))
    def end(self, move: MergeMove) -> str | None:
        lot = getattr(move.given, "lot", None)
        day = lot.last_valid_day() if lot else None
        return day.isoformat() if day else None

    @display(description=_("to"))
    def way(self, move: MergeMove) -> str:
        return gettext("merged member") if move.is_return else gettext("kept member")


@admin.register(MemberMerge)
class MemberMergeAdmin(MemberFactAdmin):
    """Who was merged into whom, newest first, and who may be one person."""

    list_display = ("merged_at", "shown_kept", "shown_merged", "operator", "reason", "shown_state")
    list_select_related = ("kept", "merged", "operator")
    fields = (
        ("shown_kept", "shown_merged", "shown_state"),
        ("merged_at", "operator", "reason"),
        ("undone_at", "undone_by", "undo_reason"),
    )
    inlines = (MergeMoveInline,)
    actions_detail = ("undo",)
    actions_list = ("duplicates",)
    empty_words = _("Nobody was merged yet. Likely duplicates are listed on a page of their own.")

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        ids = members_meant(text)
        return queryset.filter(Q(kept__in=ids) | Q(merged__in=ids))

    def buttons_of(self, row: MemberMerge) -> tuple[str, ...]:
        return ("undo",) if row.is_live else ()

    def has_undo_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("members.change_membermerge")

    @action(
        description=_("Likely duplicates"),
        url_path="duplicates",
        permissions=["view"],
        icon="join_inner",
    )
    def duplicates(self, request: HttpRequest) -> HttpResponse:
        """Likely duplicates in pairs, the surest first."""
        self.check_may_view(request)
        found = likely_duplicates(_page_number(request))
        return self.page(
            request,
            "admin/members/membermerge/duplicates.html",
            title=_("Likely duplicates"),
            found=found,
            pairs=[_shown(pair) for pair in found.pairs],
            may_merge=request.user.has_perm("members.add_membermerge"),
        )

    @action(description=_("Undo the merge"), url_path="undo", permissions=["undo"], icon="undo")
    def undo(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make two members of one again; what would be owed is told first."""
        merge: MemberMerge = self.object_or_404(request, object_id)
        operator = cast(User, request.user)
        words = words_of_undo(merge, clock.now()) if merge.is_live else []
        general = gettext(
            "The merged membership is open again with its card and contacts. What the kept member "
            "did since stays theirs."
        )
        return self.form_page(
            request,
            object_id,
            title=_("Undo the merge"),
            explanation=" ".join([general, *words]),
            perform=lambda row, data: undo_merge(
                merge=row, operator=operator, reason=data["reason"]
            ),
            success=_("The merge is undone."),
            form_class=UndoMergeForm,
        )

    @display(description=_("member kept"))
    def shown_kept(self, row: MemberMerge) -> SafeString | None:
        return link_to(row.kept)

    @display(description=_("member merged into it"))
    def shown_merged(self, row: MemberMerge) -> SafeString | None:
        return link_to(row.merged)

    @display(description=_("state"))
    def shown_state(self, row: MemberMerge) -> SafeString:
        return (
            state(gettext("merged"), "good") if row.is_live else state(gettext("undone"), "plain")
        )


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 5 else 1


def _shown(pair: LikelyPair) -> dict[str, Any]:
    return {
        "sign": pair.sign,
        "members": (_card(pair.older, pair.newer), _card(pair.newer, pair.older)),
    }


def _card(member: Member, other: Member) -> dict[str, Any]:
    return {"member": member, "birthday": _birthday(member), "other": other.card_number}
