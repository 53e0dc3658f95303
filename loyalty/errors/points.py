"""Refusals about points: keys, amounts, adjustments, lots."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class KeyReused(DomainError):
    code = "key_reused"
    status = 422
    message = _("This key was already used for something else.")


class KeyNotUsable(DomainError):
    code = "key_not_usable"
    status = 422
    message = _(
        "A key has 1 to %(longest)s characters and does not begin like the ledger's own: %(own)s."
    )


class ReasonTooLong(DomainError):
    code = "reason_too_long"
    status = 422
    message = _("A reason has at most %(longest)s characters.")


class ProgrammeMissing(DomainError):
    code = "programme_missing"
    message = _("There is no programme yet: load one first, for example with load_preset plain.")


class InsufficientPoints(DomainError):
    code = "insufficient_points"
    message = _("Only %(spendable)s points can be spent now; %(asked)s were asked for.")


class DebtOutstanding(DomainError):
    code = "debt_outstanding"
    message = _("Points cannot be spent while %(debt)s points are owed from a refund.")


class NotSpendable(DomainError):
    code = "not_spendable"
    status = 422
    message = _("Points of the kind “%(kind)s” cannot be spent.")


class PointsNotPositive(DomainError):
    code = "points_not_positive"
    status = 422
    message = _("The number of points must be a whole number from 1 to a thousand billion.")


class AdjustmentOfNothing(DomainError):
    code = "adjustment_of_nothing"
    status = 422
    message = _("An adjustment of 0 points changes nothing.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    status = 422
    message = _("Say why: an adjustment needs a reason.")


class AdjustmentNeedsApproval(DomainError):
    code = "adjustment_needs_approval"
    message = _("An adjustment of more than %(limit)s points needs another operator's approval.")


class MakerMissing(DomainError):
    code = "maker_missing"
    status = 422
    message = _("An adjustment of more than %(limit)s points needs to say who asks for it.")


class MakerCannotDecide(DomainError):
    code = "maker_cannot_decide"
    message = _("You asked for this adjustment yourself: another operator must decide on it.")


class OnlyTheMakerWithdraws(DomainError):
    code = "only_the_maker_withdraws"
    message = _("Only whoever asked for an adjustment can withdraw it. You can reject it.")


class AdjustmentNotWaiting(DomainError):
    code = "adjustment_not_waiting"
    message = _("This adjustment waits for nobody any more. Its status: %(status)s.")


class AdjustmentDecidedOtherwise(DomainError):
    code = "adjustment_decided_otherwise"
    message = _("You have decided on this adjustment already, the other way.")


class NotARedemption(DomainError):
    code = "not_a_redemption"
    status = 422
    message = _("Only a redemption can be given back.")


class RestoreExceedsRedemption(DomainError):
    code = "restore_exceeds_redemption"
    message = _("Only %(left)s points of this redemption are left to give back.")


class HappensInFuture(DomainError):
    code = "happens_in_future"
    status = 422
    message = _("This lies in the future: %(at)s.")


class MergeWithAdjustment(DomainError):
    code = "merge_with_adjustment"
    message = _(
        "An adjustment of one of these members waits for approval. Decide about it first, then "
        "merge them."
    )


class NotAnActivity(DomainError):
    code = "not_an_activity"
    status = 422
    message = _("“%(kind)s” cannot be recorded as an activity.")


class NoProgramme(DomainError):
    code = "no_programme"
    message = _(
        "No rule says what a purchase earns, so nothing would ever be earned for these. Load a "
        "programme first: manage.py load_preset NAME (there are: %(known)s)."
    )
