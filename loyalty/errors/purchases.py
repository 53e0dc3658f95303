"""Refusals about purchases, refunds and what points pay of them."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class RefundBeforePurchase(DomainError):
    code = "refund_before_purchase"
    status = 422
    message = _("A refund cannot happen before its purchase.")


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
