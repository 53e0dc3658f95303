"""How often somebody may type a code that does not exist."""

from django.utils.translation import gettext_lazy as _

from common.models import TryCounter, TryCounterQuerySet


class GuessCounterQuerySet(TryCounterQuerySet):
    pass


class GuessCounter(TryCounter):
    """Tries of one guesser, `member:7` or `address:203.0.113.9`, in one window of minutes."""

    objects = GuessCounterQuerySet.as_manager()

    class Meta(TryCounter.Meta):
        verbose_name = _("tries of codes")
        verbose_name_plural = _("tries of codes")
