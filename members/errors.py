"""What the members app refuses, in words for the person who asked."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class PhoneTaken(DomainError):
    code = "phone_taken"
    message = _("This phone number belongs to another member already.")


class EmailTaken(DomainError):
    code = "email_taken"
    message = _("This e-mail address belongs to another member already.")


class ExternalNumberTaken(DomainError):
    code = "external_number_taken"
    message = _("The customer number %(external_number)s belongs to another member already.")


class PhoneNotValid(DomainError):
    code = "phone_not_valid"
    status = 422
    message = _("“%(phone)s” is not a phone number.")


class EmailNotValid(DomainError):
    code = "email_not_valid"
    status = 422
    message = _("“%(email)s” is not an e-mail address.")


class BirthdayNotValid(DomainError):
    code = "birthday_not_valid"
    status = 422
    message = _("There is no such birthday.")


class BirthdayGiven(DomainError):
    code = "birthday_given"
    message = _(
        "Your birthday was given already. If it is wrong, ask us in the shop: we can correct it."
    )


class BirthdayReasonMissing(DomainError):
    code = "birthday_reason_missing"
    status = 422
    message = _("Say why the birthday is changed.")


class BirthdayUnchanged(DomainError):
    code = "birthday_unchanged"
    message = _("This is the member’s birthday already. Nothing was changed.")


class LoginExists(DomainError):
    code = "login_exists"
    message = _("This member can sign in already.")


class LoginImpossible(DomainError):
    code = "login_impossible"
    message = _("Signing in needs a phone number or an e-mail address.")


class MemberClosed(DomainError):
    code = "member_closed"
    message = _("This membership is closed.")


class ChannelFixed(DomainError):
    code = "channel_fixed"
    message = _("Messages in the portal belong to the membership and cannot be switched off.")


class ErasureAsked(DomainError):
    code = "erasure_asked"
    message = _("This member will be erased already, after %(on)s.")


class ErasureDone(DomainError):
    code = "erasure_done"
    message = _("This member was erased: nothing can be brought back.")


class ErasureTakenBack(DomainError):
    code = "erasure_taken_back"
    message = _("The request to erase this member was taken back.")


class ErasureReasonMissing(DomainError):
    code = "erasure_reason_missing"
    status = 422
    message = _("Say why the member is erased, in %(longest)s characters or less.")


class ErasureOtherCard(DomainError):
    code = "erasure_other_card"
    status = 422
    message = _("This is not the card of this member. Nothing was erased.")


class MergeWithItself(DomainError):
    code = "merge_with_itself"
    status = 422
    message = _("These are one and the same member. Name two.")


class MergeOfClosed(DomainError):
    code = "merge_of_closed"
    message = _("One of these memberships is closed. Nothing was merged.")


class MergeWithErased(DomainError):
    code = "merge_with_erased"
    message = _("One of these members was erased: there is nobody to merge or to bring back.")


class MergeNotAlone(DomainError):
    code = "merge_not_alone"
    message = _(
        "One of these members takes part in another merge already. Merge into the member that was "
        "kept there, or undo that merge first."
    )


class MergeOfOperator(DomainError):
    code = "merge_of_operator"
    message = _(
        "The member who would be merged works here with that login, and it would end. Keep that "
        "member and merge the other one."
    )


class MergeReasonMissing(DomainError):
    code = "merge_reason_missing"
    status = 422
    message = _("Say why, in %(longest)s characters or less.")


class CardNumbersExhausted(DomainError):
    code = "card_numbers_exhausted"
    message = _("No free card number was found. Please try again.")


class DeliveryFailed(DomainError):
    code = "delivery_failed"
    message = _("The message could not be delivered: %(reason)s")


class CardsUnknown(DomainError):
    code = "cards_unknown"
    status = 422
    message = _(
        "Nobody holds these cards: %(cards)s. Nothing was changed: correct the numbers, or leave "
        "them out, and send the list again."
    )


class CardsMissing(DomainError):
    code = "cards_missing"
    status = 422
    message = _("Name at least one card number, one on each line.")


class ContactNotValid(DomainError):
    code = "contact_not_valid"
    status = 422
    message = _("Type your phone number or your e-mail address.")


class ContactUnreachable(DomainError):
    code = "contact_unreachable"
    message = _("We cannot send codes there at the moment. Please try it another way.")


class CodeTooSoon(DomainError):
    code = "code_too_soon"
    message = _("A code is on its way already. You can ask for another one a minute after it.")


class TooManyCodes(DomainError):
    code = "too_many_codes"
    message = _("No more codes can be sent there today. Please try again tomorrow.")


class TooManyCodesHere(DomainError):
    code = "too_many_codes_here"
    message = _("Too many codes were asked for from here today. Please try again tomorrow.")


class CodeWrong(DomainError):
    code = "code_wrong"
    status = 422
    message = _("This is not the code. Please check the six digits.")


class CodeUsedUp(DomainError):
    code = "code_used_up"
    message = _("The code was wrong too often. Please ask for a new one.")


class CodeExpired(DomainError):
    code = "code_expired"
    message = _("This code is no longer valid. Please ask for a new one.")


class ProofExpired(DomainError):
    code = "proof_expired"
    message = _("That took too long. Please ask for a new code.")


class LoginOff(DomainError):
    code = "login_off"
    message = _("This login is switched off. Please ask us in the shop.")


class LoginMissing(DomainError):
    code = "login_missing"
    message = _("There is nobody to sign in here.")


class TermsMissing(DomainError):
    code = "terms_missing"
    status = 422
    message = _("Joining needs your agreement to the terms.")


class TermsOutdated(DomainError):
    code = "terms_outdated"
    message = _("The terms were changed meanwhile. Please read them as they are now.")


class TextUnchanged(DomainError):
    code = "text_unchanged"
    message = _("This text holds already, word for word. Nothing was published.")


class TooManyTries(DomainError):
    code = "too_many_tries"
    message = _("Too many attempts. Please wait a few minutes, then try again.")


class AnnouncementWordsMissing(DomainError):
    code = "announcement_words_missing"
    status = 422
    message = _("Write the title and the text in both languages.")


class AnnouncementEmpty(DomainError):
    code = "announcement_empty"
    message = _("Nobody who is active is in this segment today: there is nobody to tell.")


class AnnouncementNotWaiting(DomainError):
    code = "announcement_not_waiting"
    message = _("This announcement does not wait to be sent any more. Its status: %(status)s.")


class AnnouncementNotStopped(DomainError):
    code = "announcement_not_stopped"
    message = _("This announcement has not stopped. Its status: %(status)s.")


class AnnouncementKeyReused(DomainError):
    code = "announcement_key_reused"
    message = _(
        "This form has written another announcement already: open the list, and begin anew there."
    )
