"""What benefits refuse. The codes of refused coupons are a contract with tills and shops."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.money import format_money


class OfMoney(DomainError):
    """Amounts are read with the currency's sign; programs find the bare ones in the details."""

    def __str__(self) -> str:
        told = {
            name: format_money(value) if isinstance(value, Decimal) else value
            for name, value in self.details.items()
        }
        return str(self.message) % told


class CouponRefusal(DomainError):
    """Why a coupon does not apply, or is not given: told with a quote, raised by a reservation."""


class CouponNotFound(CouponRefusal):
    code = "not_found"
    message = _("There is no such coupon. Check the code.")
    status = 404


class CouponNotStarted(CouponRefusal):
    code = "not_started"
    message = _("This coupon is not valid yet. It begins on %(starts_on)s.")


class CouponExpired(CouponRefusal):
    code = "expired"
    message = _("This coupon has expired. Its last valid day was %(last_day)s.")


class CouponUsed(CouponRefusal):
    code = "already_used"
    message = _("This coupon has been used already.")


class CouponReserved(CouponRefusal):
    code = "reserved"
    message = _("This coupon is held by another checkout until %(until)s.")


class CouponOfAnother(CouponRefusal):
    code = "wrong_member"
    message = _("This coupon belongs to another member.")


class TierNotEligible(CouponRefusal):
    code = "tier_not_eligible"
    message = _("This coupon is not for your tier.")


class SegmentNotEligible(CouponRefusal):
    code = "segment_not_eligible"
    message = _("This coupon is for a group of members that you are not in.")


class SpendTooLow(OfMoney, CouponRefusal):
    code = "minimum_spend"
    message = _(
        "This coupon needs eligible goods for %(minimum)s; there are goods for %(eligible)s."
    )


class CategoryNotEligible(CouponRefusal):
    code = "category"
    message = _("Nothing in this purchase is of a kind that the coupon is for.")


class StoreNotEligible(CouponRefusal):
    code = "store"
    message = _("This coupon is not valid in this store.")


class ChannelNotEligible(CouponRefusal):
    code = "channel"
    message = _("This coupon is not valid for this way of buying.")


class LimitReached(CouponRefusal):
    code = "limit_reached"
    message = _("Nobody gets more than %(limit)s of this coupon.")


class OutOfStock(CouponRefusal):
    code = "out_of_stock"
    message = _("All of these coupons have been given out.")


class NotStackable(CouponRefusal):
    code = "not_stackable"
    message = _("This coupon cannot be combined with the others.")


class CouponVoided(CouponRefusal):
    code = "voided"
    message = _("This coupon was withdrawn.")


class AmountBelowZero(DomainError):
    code = "amount_negative"
    status = 422
    message = _("An amount cannot be negative.")


class LinesNotDistinct(DomainError):
    code = "lines_not_distinct"
    status = 422
    message = _("Two lines of the purchase have the same number: %(line)s.")


class PointsExceedPayable(OfMoney):
    code = "points_exceed_payable"
    message = _("Points for %(amount)s are more than the %(left)s that are left to pay.")


class CheckoutReused(DomainError):
    code = "checkout_reused"
    status = 422
    message = _(
        "This checkout holds other coupons, or holds them for another purchase. Release them first."
    )


class PurchaseUnknown(DomainError):
    code = "purchase_unknown"
    status = 422
    message = _("This member has no purchase of the number %(number)s.")


class CheckoutKeyNotUsable(DomainError):
    code = "checkout_key_not_usable"
    status = 422
    message = _("The key of a checkout has 1 to %(longest)s characters.")


class NotReserved(DomainError):
    code = "not_reserved"
    message = _("No coupon is held for this checkout.")


class CouponNotOpen(DomainError):
    code = "coupon_not_open"
    message = _("This coupon is not open any more. Its status: %(status)s.")


class VoidReasonMissing(DomainError):
    code = "void_reason_missing"
    status = 422
    message = _("Say why: withdrawing a coupon needs a reason.")


class BatchUnfinished(DomainError):
    code = "batch_unfinished"
    message = _("Coupons of this batch are still being written. Withdraw it when they are there.")


class TemplateClosed(DomainError):
    code = "template_closed"
    message = _("No more of these coupons are given out.")


class CountNotPositive(DomainError):
    code = "count_not_positive"
    status = 422
    message = _("Ask for at least 1 code and at most %(most)s at a time.")


class NobodyNamed(DomainError):
    code = "nobody_named"
    status = 422
    message = _("Name at least one member.")


class SegmentEmpty(DomainError):
    code = "segment_empty"
    message = _(
        "Nothing was issued: nobody is in this segment today, or all have as many as they may."
    )


class MembersUnknown(DomainError):
    code = "members_unknown"
    status = 422
    message = _("Nothing was issued: %(count)s numbers belong to no member: %(numbers)s.")


class MembersAtLimit(DomainError):
    code = "members_at_limit"
    message = _(
        "Nothing was issued: %(count)s of these members have as many as they may: %(numbers)s."
    )


class TooManyGuesses(DomainError):
    code = "too_many_guesses"
    status = 429
    message = _("Too many wrong codes. Please try again in %(minutes)s minutes.")


class NotShareable(DomainError):
    code = "not_shareable"
    message = _("This coupon cannot be shared with a friend.")


class NoFriendOfOneself(DomainError):
    code = "no_friend_of_oneself"
    message = _("This link is for a friend: you cannot take it yourself.")


class GroupClosed(DomainError):
    code = "group_closed"
    message = _("This group is closed.")


class ListNotReadable(DomainError):
    code = "list_not_readable"
    status = 422
    message = _(
        "This is no list of card numbers: save it as a text or CSV file, a number per line."
    )


class RewardRefusal(DomainError):
    """Why a member cannot redeem a reward now: told in the catalogue, raised by a redemption."""


class RewardNotFound(RewardRefusal):
    code = "not_found"
    message = _("There is no such reward any more.")
    status = 404


class RewardNotStarted(RewardRefusal):
    code = "not_started"
    message = _("This reward opens for you on %(opens_at)s.")


class RewardEnded(RewardRefusal):
    code = "expired"
    message = _("This reward is over. Its last day was %(last_day)s.")


class RewardNotForTier(RewardRefusal):
    code = "tier_not_eligible"
    message = _("This reward is for other tiers than yours.")


class RewardNotForSegment(RewardRefusal):
    code = "segment_not_eligible"
    message = _("This reward is for a group of members that you are not in.")


class RewardSpendTooLow(RewardRefusal):
    code = "minimum_spend"
    message = _("This reward is for members who have bought for %(minimum)s; so far: %(spent)s.")


class RewardSpendTooLowLately(RewardSpendTooLow):
    message = _(
        "This reward is for members who have bought for %(minimum)s in the last %(days)s days; "
        "so far: %(spent)s."
    )


class RewardSoldOut(RewardRefusal):
    code = "out_of_stock"
    message = _("This reward is sold out.")


class RewardLimitReached(RewardRefusal):
    code = "limit_reached"
    message = _("Nobody gets more than %(limit)s of this reward.")


class RewardPointsMissing(RewardRefusal):
    code = "insufficient_points"
    message = _("%(missing)s points are missing.")


class LotteryNotReady(RewardRefusal):
    code = "lottery_not_ready"
    message = _("This lottery is not ready. Please come back later.")


class PriceChanged(DomainError):
    code = "price_changed"
    message = _("The price is %(points)s points now. Look again before you confirm.")


class AddressMissing(DomainError):
    code = "address_missing"
    status = 422
    message = _("Say where it should be sent, and to whom.")


class OrderNotPossible(DomainError):
    code = "order_state"
    message = _("This is not possible any more. The order is: %(status)s.")


class OrderFinal(DomainError):
    code = "order_final"
    message = _("Coupons and draws of a lottery cannot be given back.")


class ReturnClosed(DomainError):
    code = "return_closed"
    message = _("This cannot be returned any more.")


class EditionNotExchangeable(DomainError):
    code = "edition_not_exchangeable"
    message = _("There is only one of this number: give the points back instead.")


class OrderReasonMissing(DomainError):
    code = "reason_missing"
    status = 422
    message = _("Say why.")


class TrackingMissing(DomainError):
    code = "tracking_missing"
    status = 422
    message = _("A parcel needs its tracking number.")


class PickupCodeWrong(DomainError):
    code = "pickup_code_wrong"
    status = 422
    message = _("This is not the pick-up code of this order.")


class PictureNotReadable(DomainError):
    code = "picture_not_readable"
    status = 422
    message = _("This is no picture: choose a whole PNG, JPEG, WebP or GIF file.")


class PictureTooLarge(DomainError):
    code = "picture_too_large"
    status = 422
    message = _("This picture is larger than 5 MB.")


class MergeWithOrders(DomainError):
    code = "merge_with_orders"
    message = _(
        "A reward order of the member who would be merged is under way. Finish or cancel it first, "
        "or keep that member and merge the other one."
    )


class MergeWithPlaces(DomainError):
    code = "merge_with_places"
    message = _(
        "The member who would be merged has a place at an event that is still to come. Cancel it "
        "or wait until it is over, or keep that member and merge the other one."
    )


class MergeWithCheckout(DomainError):
    code = "merge_with_checkout"
    message = _(
        "A checkout holds a coupon of the member who would be merged just now. Try again in some "
        "minutes."
    )
