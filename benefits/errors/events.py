"""What is refused about events: places in them, what operators change, tickets at the door."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class EventRefusal(DomainError):
    """Why a member cannot have a place now: told on the portal, raised by a registration."""


class EventNotFound(EventRefusal):
    code = "not_found"
    message = _("There is no such event.")
    status = 404


class EventCancelled(EventRefusal):
    code = "cancelled"
    message = _("This event was cancelled.")


class EventOver(EventRefusal):
    code = "over"
    message = _("This is over.")


class EventNotForTier(EventRefusal):
    code = "tier_not_eligible"
    message = _("This event is for other tiers than yours.")


class EventNotForSegment(EventRefusal):
    code = "segment_not_eligible"
    message = _("This event is for a group of members that you are not in.")


class AlreadyRegistered(EventRefusal):
    code = "already_registered"
    message = _("You have a place in this event already, or wait for one.")


class EventClosed(EventRefusal):
    code = "closed"
    message = _("Registration ended on %(closed_at)s.")


class EventNotOpen(EventRefusal):
    code = "not_started"
    message = _("Registration opens for you on %(opens_at)s.")


class EventFull(EventRefusal):
    code = "full"
    message = _("All seats are taken.")


class EventPointsMissing(EventRefusal):
    code = "insufficient_points"
    message = _("%(missing)s points are missing.")


class SeatFree(DomainError):
    code = "seat_free"
    message = _("A seat has just come free: you need not wait for one.")


class OfferOver(DomainError):
    code = "offer_over"
    message = _("This seat was kept for you until %(until)s.")


class PlaceNotPossible(DomainError):
    code = "place_state"
    message = _("This is not possible any more. The place is: %(status)s.")


class CancelClosed(DomainError):
    code = "cancel_closed"
    message = _("Places could be cancelled until %(until)s. Please call us if you cannot come.")


class CapacityBelowTaken(DomainError):
    code = "capacity_below_taken"
    status = 422
    message = _("%(taken)s seats are taken: there cannot be fewer.")


class SessionTimesReversed(DomainError):
    code = "times_reversed"
    status = 422
    message = _("It ends before it begins.")


class SessionInPast(DomainError):
    code = "session_in_past"
    status = 422
    message = _("It must begin in the future.")


class SessionNotOpen(DomainError):
    code = "session_state"
    message = _("This session was cancelled, or has begun.")


class EventNotReady(DomainError):
    code = "event_not_ready"
    message = _("Give it at least one session in the future first.")


class RegistrationNeverOpens(DomainError):
    code = "registration_never_opens"
    message = _("Registration would open when it has ended for every session. Open it earlier.")


class EventNotADraft(DomainError):
    code = "event_state"
    message = _("This is not possible any more. The event is: %(status)s.")


class TicketUnknown(DomainError):
    code = "ticket_unknown"
    status = 422
    message = _("There is no such ticket. Check the code.")


class TicketOfAnotherSession(DomainError):
    code = "ticket_other_session"
    message = _("This ticket is for %(event)s on %(starts_at)s.")


class TicketUsed(DomainError):
    code = "ticket_used"
    message = _("This ticket was used already, on %(at)s.")


class TicketNotValid(DomainError):
    code = "ticket_not_valid"
    message = _("This ticket does not hold. The place is: %(status)s.")


class CheckInNotOpen(DomainError):
    code = "check_in_not_open"
    message = _("Guests can be checked in from %(opens_at)s on.")


class CheckInOver(DomainError):
    code = "check_in_over"
    message = _("Guests could be checked in until %(closed_at)s.")
