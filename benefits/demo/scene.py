"""When and with whom the demo's offers are told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from members.models import Member, User


@dataclass(frozen=True)
class Scene:
    """The instant of loading, the member to sign in as, some others, and the operator."""

    now: datetime
    lead: Member
    crowd: list[Member]
    operator: User

    def ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def some(self, first: int, count: int) -> list[Member]:
        """Others by their place; fewer where the shop is small."""
        return self.crowd[first : first + count]
