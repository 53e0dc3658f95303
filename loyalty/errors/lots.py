"""Refusals about lots and their dates."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class LotNotHeld(DomainError):
    code = "lot_not_held"
    message = _("These points are not held: their end has not come, or their member was told.")


class LotNotPending(DomainError):
    code = "lot_not_pending"
    message = _("These points are not pending: they can be spent already, have ended or are gone.")


class NothingPending(DomainError):
    code = "nothing_pending"
    message = _("This member has no pending points.")


class RedateReasonMissing(DomainError):
    code = "redate_reason_missing"
    status = 422
    message = _("Say why: a new validity for points that are out needs a reason.")


class RedateDatesReversed(DomainError):
    code = "redate_dates_reversed"
    status = 422
    message = _("The first day of earning must not come after the last one.")


class RedateFindsNothing(DomainError):
    code = "redate_finds_nothing"
    message = _("No points that are out would change. Choose another validity or other lots.")


class RedateNotPreviewed(DomainError):
    code = "redate_not_previewed"
    message = _("This run does not wait to be confirmed any more. Its status: %(status)s.")


class RedateNotStopped(DomainError):
    code = "redate_not_stopped"
    message = _("Only a run that an error stopped can be resumed. Its status: %(status)s.")


class RedatePreviewTooOld(DomainError):
    code = "redate_preview_too_old"
    message = _("This preview is of another day and its dates may be others now: make a new one.")


class RedateUnderWay(DomainError):
    code = "redate_under_way"
    message = _(
        "Another run for this kind of points is being applied or was stopped by an error: let it "
        "finish first."
    )
