"""Typing a code: who guesses is stopped, whoever else guesses at the same time."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from benefits.errors import CouponRefusal, TooManyGuesses
from benefits.models import Coupon, GuessCounter
from common import clock
from members.models import Member

from .issuing import bind_code


def enter_code(
    *, code: str, member: Member, address: str | None, now: datetime | None = None
) -> Coupon:
    """Put the coupon of a typed code among the member's own, by the rules of `bind_code`.

    Wrong codes are counted per member and per address, `COUPON_GUESSES_MEMBER` and
    `COUPON_GUESSES_ADDRESS` in `COUPON_GUESS_MINUTES`; more are refused unread (TooManyGuesses).
    A try is counted before the code is looked for and in a transaction of its own, so that neither
    a burst nor the refusal undoes it.
    """
    at = now or clock.now()
    guessers = {f"member:{member.pk}": settings.COUPON_GUESSES_MEMBER}
    if address:
        guessers[f"address:{address}"] = settings.COUPON_GUESSES_ADDRESS
    window = _window(at)
    for guesser, most in guessers.items():
        count_guess(guesser=guesser, window=window, most=most)
    try:
        coupon = bind_code(code=code, member=member, now=at)
    except CouponRefusal as refusal:
        # Only what may not exist is a guess: who holds a real code learns why it does not work.
        if refusal.code != "not_found":
            forget_guesses(guessers=list(guessers), window=window)
        raise
    forget_guesses(guessers=list(guessers), window=window)
    return coupon


@transaction.atomic
def count_guess(*, guesser: str, window: int, most: int) -> None:
    """Count one try in one statement, or refuse it."""
    counters = GuessCounter.objects.all()
    if not counters.open_and_count(guesser=guesser, window=window, most=most):
        raise TooManyGuesses(minutes=settings.COUPON_GUESS_MINUTES)


@transaction.atomic
def forget_guesses(*, guessers: list[str], window: int) -> None:
    """Take tries back that were no guesses."""
    for guesser in guessers:
        GuessCounter.objects.of(guesser, window).count_down()


def _window(at: datetime) -> int:
    minutes: int = settings.COUPON_GUESS_MINUTES
    return int(at.timestamp()) // (60 * minutes)
