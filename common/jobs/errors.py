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


class NothingToConfirm(DomainError):
    """The guard holds nothing any more: the night has gone on, or the date has come closer."""

    code = "nothing_to_confirm"
    message = _("Nothing waits for this confirmation any more.")


class NothingToResume(DomainError):
    """Resuming gives failed ranges another go; none of the run's has failed."""

    code = "nothing_to_resume"
    message = _("Nothing of this step has failed; there is nothing to resume.")


class RunNotDone(DomainError):
    """A step is run again only once it is done: before that it goes on by itself or is resumed."""

    code = "run_not_done"
    message = _("This step is not done yet. It goes on by itself, or is resumed where it failed.")


class StepBusy(DomainError):
    """One date of a step at a time: another one is not done."""

    code = "step_busy"
    message = _("This step is not done for %(date)s yet; run it again when it is.")


class LaterDateHasRun(DomainError):
    """The step tells of its own night, and nights after it have run."""

    code = "later_date_has_run"
    message = _(
        "This step tells of its own night, and the night of %(latest)s has run since: "
        "only the last one can be run again."
    )


class StepNotConfigured(DomainError):
    """The ledger knows the step from earlier; the nights no longer have it."""

    code = "step_not_configured"
    message = _("The nights no longer have this step; it cannot be run again.")
