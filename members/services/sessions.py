"""The devices on which somebody is signed in."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from members.models import User


@transaction.atomic
def end_session(*, session: UserSession) -> None:
    """Sign one device out."""
    session.end()


@transaction.atomic
def end_other_sessions(*, user: User, session_key: str) -> int:
    """Sign out every device but the one with this session; gives how many."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=session_key))
    for session in others:
        session.end()
    return len(others)
