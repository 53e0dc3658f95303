"""What lists of members' facts have in common: they are found by whose they are."""

from typing import ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.admin import ReadOnlyModelAdmin
from members.models import Member

# A search that means one person finds few; a card's first digits may find thousands.
MOST_MEMBERS = 100


class MemberFactAdmin(ReadOnlyModelAdmin):
    """A read-only list of facts, searched by the member's numbers or name.

    The members are found first and their facts by an index of their ids: a join of millions of
    rows would be walked from its newest end until the page is full.
    """

    search_fields = ("pk",)
    search_help_text = _("Member: card, phone, e-mail, number or name")
    member_path: ClassVar[str] = "member"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        if not search_term.strip():
            return queryset, False
        return self.find(queryset, search_term), False

    def find(self, queryset: QuerySet[Model], text: str) -> QuerySet[Model]:
        """The facts that a search means."""
        return queryset.filter(**{f"{self.member_path}__in": members_meant(text)})


def link_to(row: Model | None) -> SafeString | None:
    """A row by its name, leading to its page; None for none."""
    if row is None:
        return None
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a class="fact-link" href="{}">{}</a>', url, row)


def members_meant(text: str) -> list[int]:
    """The ids of the members whom a search means, the newest hundred at most."""
    found = Member.objects.search(text).order_by("-pk")
    return list(found.values_list("pk", flat=True)[:MOST_MEMBERS])
