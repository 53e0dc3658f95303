"""What the job ledger refuses."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class NightBeforeFirst(DomainError):
    """Nights run forward only: nothing is booked for dates before the first one."""

    code = "night_before_first"
    message = _("The first night was %(first)s; no night runs for a date before it.")


class NightBeforeMembers(DomainError):
    """The first night ever: all the dates after it would be owed, and nobody was a member then."""

    code = "night_before_members"
    message = _(
        "The first night cannot be that of %(night)s: nobody had joined before %(first)s. "
        "Is the date mistyped?"
    )


class NightNotReached(DomainError):
    """A night runs as of the start of its date, so that start must have passed."""

    code = "night_not_reached"
    message = _("The night of %(night)s has not come yet; today is %(today)s.")
