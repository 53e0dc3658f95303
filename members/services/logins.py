"""Passwords and the second step of a login."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from common import clock
from members.errors import LoginMissing
from members.models import ContactCode, Member, User
from members.sign_in_notices import PASSWORD_CHANGED, SECOND_STEP_CHANGED

from . import write_notice
from .codes import use_code
from .joining import refuse_closed


@transaction.atomic
def set_password(*, user: User, password: str, now: datetime | None = None) -> User:
    """Give a login a password that a form has checked; its other sessions end by that."""
    at = now or clock.now()
    user.set_password(password)
    user.save(update_fields=["password"])
    tell_login(user=user, kind=PASSWORD_CHANGED, at=at)
    return user


@transaction.atomic
def reset_password(*, code: ContactCode, password: str, now: datetime | None = None) -> User:
    """Give the login of whoever typed a code a new password; the code is used by this.

    An operator is reached by the address that an administrator wrote down. Refused: nobody's login
    (LoginMissing), one that is closed or off, a code that proves nothing any more (ProofExpired).
    """
    at = now or clock.now()
    user = User.objects.reached_at(code.contact)
    if user is None:
        raise LoginMissing
    refuse_closed(user)
    use_code(code=code, now=at)
    return set_password(user=user, password=password, now=at)


@transaction.atomic
def remove_second_step(*, user: User, now: datetime | None = None) -> bool:
    """Take the second step off a login whose owner has lost it; whether there was one."""
    removed = Authenticator.objects.filter(user=user).delete()[0]
    if removed:
        tell_of_second_step(user=user, is_on=False, now=now)
    return bool(removed)


def tell_of_second_step(*, user: User, is_on: bool, now: datetime | None = None) -> None:
    """Tell a member that signing in asks for a second step from now on, or no more."""
    at = now or clock.now()
    tell_login(user=user, kind=SECOND_STEP_CHANGED, at=at, is_on=is_on)


def tell_login(*, user: User, kind: str, at: datetime, **params: object) -> None:
    """Tell the member whose login it is; an operator without a membership has no inbox."""
    member = Member.objects.filter(user=user).first()
    if member is not None:
        write_notice(member=member, kind=kind, key=f"{kind}:{at.isoformat()}", params=params, at=at)
