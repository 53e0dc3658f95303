"""What a member may like, by what others bought who bought the same."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from common.sql import fetch_sql
from members.models import Member

# Recommendations go by the articles that a member bought last.
RECENT_ARTICLES = 20


@dataclass(frozen=True)
class Recommendation:
    """An article the member has not bought, and the one of theirs that speaks most for it.

    `together` members bought both; `lift` is how many times likelier it is among them than among
    all.
    """

    sku: str
    name: str
    because_sku: str
    because: str
    together: int
    lift: float


def recommended_articles(member: Member, day: date, count: int = 6) -> list[Recommendation]:
    """The closest to what the member bought lately, without what they bought; one statement."""
    params: dict[str, object] = {
        "member": member.pk,
        "since_on": day - timedelta(days=settings.RECOMMENDATION_DAYS),
        "recent": RECENT_ARTICLES,
        "limit": count,
    }
    return [
        Recommendation(
            sku=sku,
            name=name or sku,
            because_sku=because_sku,
            because=because or because_sku,
            together=together,
            lift=lift,
        )
        for sku, name, because_sku, because, together, lift in fetch_sql(
            "analytics", "companions_for", params
        )
    ]
