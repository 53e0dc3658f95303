"""What loyalty refuses, in words for the person who asked."""

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


class RefundBeforePurchase(DomainError):
    code = "refund_before_purchase"
    status = 422
    message = _("A refund cannot happen before its purchase.")


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


class PurchaseConflict(DomainError):
    code = "purchase_conflict"
    message = _("Purchase %(number)s is already recorded with other contents.")


class RefundConflict(DomainError):
    code = "refund_conflict"
    message = _("Refund %(number)s is already recorded with other contents.")


class AmountNegative(DomainError):
    code = "amount_negative"
    status = 422
    message = _("An amount cannot be negative.")


class HappensInFuture(DomainError):
    code = "happens_in_future"
    status = 422
    message = _("This lies in the future: %(at)s.")


class LinesDoNotAddUp(DomainError):
    code = "lines_do_not_add_up"
    status = 422
    message = _("The lines add up to %(lines)s, not to %(amount)s.")


class RefundExceedsPurchase(DomainError):
    code = "refund_exceeds_purchase"
    message = _("Only %(left)s of this purchase is left to refund.")


class RefundOfAnotherMember(DomainError):
    code = "refund_of_another_member"
    status = 422
    message = _("This purchase belongs to another member.")


class UnreadableFile(DomainError):
    code = "unreadable_file"
    status = 422
    message = _("%(file)s cannot be read: %(reason)s Nothing was applied.")


class UnknownPreset(DomainError):
    code = "unknown_preset"
    status = 422
    message = _("There is no programme called “%(name)s”. Known: %(known)s.")


class TierInUse(DomainError):
    code = "tier_in_use"
    message = _("Members stand, or stood, on the tier “%(tier)s”: it cannot be taken away.")


class RuleRevisedMeanwhile(DomainError):
    code = "rule_revised_meanwhile"
    message = _("Someone has revised this rule meanwhile: version %(version)s is the newest.")


class LowestTierMissing(DomainError):
    code = "lowest_tier_missing"
    status = 422
    message = _("A ladder begins with a tier of rank 0, which is everyone's: there must be one.")


class LowestTierAsksForSomething(DomainError):
    code = "lowest_tier_asks"
    status = 422
    message = _("The tier of rank 0 is everyone's: leave all of its bounds empty.")


class TierAsksForNothing(DomainError):
    code = "tier_asks_for_nothing"
    status = 422
    message = _("A tier above the lowest needs at least one bound to enter.")


class BoundsDoNotRise(DomainError):
    code = "bounds_do_not_rise"
    status = 422
    message = _("Bounds rise with the rank: “%(higher)s” must ask for more than “%(lower)s”.")


class RanksHaveGap(DomainError):
    code = "ranks_have_gap"
    status = 422
    message = _("Ranks follow one another: “%(tier)s” cannot be %(rank)s, give it rank %(next)s.")


class StayingAsksForMore(DomainError):
    code = "staying_asks_for_more"
    status = 422
    message = _(
        "“%(tier)s” asks for more to stay (%(stay)s) than to enter: lower the bound to stay, or "
        "leave it empty to ask for the same."
    )


class ColourNotValid(DomainError):
    code = "colour_not_valid"
    status = 422
    message = _("Write the colour like #c0a062.")


class OverrideAimsNowhere(DomainError):
    code = "override_aims_nowhere"
    status = 422
    message = _("Choose either a tier or a number of steps up, at least 1.")


class OverrideWithoutTime(DomainError):
    code = "override_without_time"
    status = 422
    message = _("This would be over before it begins: choose a last day that is still to come.")


class OverrideReasonMissing(DomainError):
    code = "override_reason_missing"
    status = 422
    message = _("Say why: a tier that was not earned needs a reason.")


class OverrideOver(DomainError):
    code = "override_over"
    message = _("This override is over already: there is nothing to revoke.")


class StandingNotHeld(DomainError):
    code = "standing_not_held"
    message = _("This tier is not held back: its end has not come, or its member was told.")


class ImportUnderWay(DomainError):
    code = "import_under_way"
    message = _("%(file)s is being imported by another process now.")


class NoProgramme(DomainError):
    code = "no_programme"
    message = _(
        "No rule says what a purchase earns, so nothing would ever be earned for these. Load a "
        "programme first: manage.py load_preset NAME (there are: %(known)s)."
    )


class ErrorFileUnusable(DomainError):
    code = "error_file_unusable"
    status = 422
    message = _("Refused invoices cannot be written to %(file)s: %(reason)s")


class UnknownFormat(DomainError):
    code = "unknown_format"
    status = 422
    message = _("There is no format called “%(name)s”. Known: %(known)s.")


class NotAnActivity(DomainError):
    code = "not_an_activity"
    status = 422
    message = _("“%(kind)s” cannot be recorded as an activity.")


class LotNotHeld(DomainError):
    code = "lot_not_held"
    message = _("These points are not held: their end has not come, or their member was told.")
