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


class PointsPayNothing(DomainError):
    code = "points_pay_nothing"
    message = _("In this programme points do not pay for purchases; they buy rewards.")


class PointsPayTooSmallPurchase(DomainError):
    code = "points_pay_too_small_purchase"
    message = _("Points pay for part of a purchase of %(minimum)s or more.")


class PointsPayTooMuch(DomainError):
    code = "points_pay_too_much"
    message = _(
        "Points pay for at most %(share)s %% of a purchase: %(points)s points at most for this one."
    )


class PointsTooFew(DomainError):
    code = "points_too_few"
    message = _(
        "Points are used in multiples of %(multiple)s, and %(spendable)s can be spent now: "
        "%(points)s can be used here."
    )


class PaymentOfAnotherMember(DomainError):
    code = "payment_of_another_member"
    status = 422
    message = _("These points were another member's: they cannot pay for this purchase.")


class PaymentUsed(DomainError):
    code = "payment_used"
    message = _("These points have already paid for purchase %(number)s.")


class PaymentGivenBack(DomainError):
    code = "payment_given_back"
    message = _("These points were given back: take new ones for this purchase.")


class PaymentOfAnotherPrice(DomainError):
    code = "payment_of_another_price"
    status = 422
    message = _(
        "These points were taken for a purchase of %(quoted)s; this one comes to %(due)s. "
        "Give them back and take new ones."
    )


class PartsDoNotAddUp(DomainError):
    code = "parts_do_not_add_up"
    status = 422
    message = _(
        "The price is %(gross)s, but coupons (%(discount)s), points (%(paid_by_points)s) and "
        "money (%(amount)s) come to %(total)s."
    )


class RedemptionPaidForPurchase(DomainError):
    code = "redemption_paid_for_purchase"
    message = _(
        "These points paid for purchase %(number)s: record a refund of it, which gives them back."
    )


class PointsPartNotAsked(DomainError):
    code = "points_part_not_asked"
    status = 422
    message = _(
        "The part paid by points follows from the amount: it is asked for only where points paid "
        "for the whole purchase."
    )


class LineNotInPurchase(DomainError):
    code = "line_not_in_purchase"
    status = 422
    message = _("The purchase has no line %(number)s.")


class LineWithoutPurchase(DomainError):
    code = "line_without_purchase"
    status = 422
    message = _("A line that was sold is named together with its purchase.")


class RefundExceedsLine(DomainError):
    code = "refund_exceeds_line"
    message = _("Only %(left)s of line %(number)s (%(sku)s) is left to give back.")


class RefundExceedsLineAmount(DomainError):
    code = "refund_exceeds_line_amount"
    message = _("Only %(left)s of what was paid for line %(number)s (%(sku)s) is left to refund.")


class NothingToRefund(DomainError):
    code = "nothing_to_refund"
    message = _("Nothing would be given back: say what comes back, or it all came back already.")


class RefundChangedMeanwhile(DomainError):
    code = "refund_changed_meanwhile"
    message = _("What is left of this purchase has changed meanwhile: look at it again.")


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


class RuleCodeTaken(DomainError):
    code = "rule_code_taken"
    message = _("There is a rule “%(rule)s” already: write a new version of it, or another code.")


class RuleRefused(DomainError):
    """A rule that contradicts itself; `field` is the one to correct."""

    code = "rule_refused"
    status = 422
    field = "points"


class RuleGivesNothing(RuleRefused):
    code = "rule_gives_nothing"
    message = _("Say how many points the rule gives: a whole number, 1 or more.")


class RuleGivesTooMuch(RuleRefused):
    code = "rule_gives_too_much"
    message = _("A rule gives at most %(most)s points at a time.")


class RuleBothGivesAndMultiplies(RuleRefused):
    code = "rule_gives_and_multiplies"
    field = "factor"
    message = _(
        "A rule gives points or multiplies them, not both: leave the points and their amount "
        "empty, or the multiplier."
    )


class MultiplierChangesNothing(RuleRefused):
    code = "multiplier_changes_nothing"
    field = "factor"
    message = _("A multiplier is above 0 and not 1: write 2 to double, 1.5 for half as much again.")


class RateNotPositive(RuleRefused):
    code = "rate_not_positive"
    field = "per_amount"
    message = _("The amount that gives the points must be above 0.")


class RateWithoutPurchase(RuleRefused):
    code = "rate_without_purchase"
    field = "per_amount"
    message = _("Only purchases have an amount: leave “for every” empty for other occasions.")


class MinimumSpendNotPositive(RuleRefused):
    code = "minimum_spend_not_positive"
    field = "minimum_spend"
    message = _("A minimum spend is above 0: leave it empty to ask for none.")


class ConditionNeedsPurchase(RuleRefused):
    code = "condition_needs_purchase"
    message = _("Only a purchase has this: leave it empty for a rule about something else.")


class StreakNeedsCheckIn(RuleRefused):
    code = "streak_needs_check_in"
    field = "streak_every"
    message = _("Only check-ins come in a row: leave this empty for a rule about something else.")


class StreakTooShort(RuleRefused):
    code = "streak_too_short"
    field = "streak_every"
    message = _("A streak has 2 days or more: leave this empty to reward every check-in.")


class EndsBeforeItStarts(RuleRefused):
    code = "ends_before_it_starts"
    field = "ends_on"
    message = _("The last day lies before the first: change one of them.")


class HoursIncomplete(RuleRefused):
    code = "hours_incomplete"
    field = "hour_to"
    message = _("Hours have a beginning and an end: fill in both, or neither.")


class HoursEqual(RuleRefused):
    code = "hours_equal"
    field = "hour_to"
    message = _("From and until are the same hour: leave both empty for the whole day.")


class WeekdayUnknown(RuleRefused):
    code = "weekday_unknown"
    field = "weekdays"
    message = _("Days of the week are numbered from 0 (Monday) to 6 (Sunday), each at most once.")


class NoSuchDay(RuleRefused):
    code = "no_such_day"
    field = "weekdays"
    message = _("None of these days of the week falls between the first day and the last.")


class AgesExclude(RuleRefused):
    code = "ages_exclude"
    field = "member_until"
    message = _(
        "Nobody is a member for longer than %(longer)s and for at most %(at_most)s: the second "
        "must be the longer one."
    )


class CapBelowOneGrant(RuleRefused):
    code = "cap_below_one_grant"
    message = _(
        "The rule gives %(points)s points at a time: this must be at least %(points)s, or empty."
    )


class CapsDoNotRise(RuleRefused):
    code = "caps_do_not_rise"
    message = _("This must be at least %(least)s, which a narrower cap already allows.")


class CapLimitsNothing(RuleRefused):
    code = "cap_limits_nothing"
    message = _("A multiplier below 1 takes points away, which no cap limits: leave this empty.")


class MemberNotFound(DomainError):
    code = "member_not_found"
    status = 422
    message = _("No member is found for “%(text)s”.")


class SeveralMembersFound(DomainError):
    code = "several_members_found"
    status = 422
    message = _("Several members are found for “%(text)s”: write the card number.")


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


class LotNotPending(DomainError):
    code = "lot_not_pending"
    message = _("These points are not pending: they can be spent already, have ended or are gone.")


class NothingPending(DomainError):
    code = "nothing_pending"
    message = _("This member has no pending points.")


class ActivationReasonMissing(DomainError):
    code = "activation_reason_missing"
    status = 422
    message = _("Say why: letting points be spent early needs a reason.")


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
