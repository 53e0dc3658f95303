"""What analytics refuses, in words for the person who asked."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class LifetimeRefused(DomainError):
    """The root of every reason for which no lifetime model is fitted."""

    code = "lifetime_refused"


class TooFewCustomers(LifetimeRefused):
    code = "too_few_customers"
    message = _(
        "A lifetime model takes the purchases of at least %(fewest)s customers; "
        "these are of %(customers)s."
    )


class TooFewReturned(LifetimeRefused):
    code = "too_few_returned"
    message = _(
        "A lifetime model takes at least %(fewest)s customers who came back on a later day and "
        "paid something; these are %(returned)s."
    )


class ModelNotSettled(LifetimeRefused):
    """The likelihood has no maximum that the search can stand on."""

    code = "model_not_settled"
    message = _(
        "These purchases do not settle the parameters of the %(model)s model: the search ended "
        "without a maximum. More history, or customers who differ more, may help."
    )


class SpendWithoutMean(LifetimeRefused):
    code = "spend_without_mean"
    message = _(
        "Spending differs so widely between these customers that no mean can be expected "
        "(q is %(q)s; it must be above 1)."
    )


class UnreadableOrders(DomainError):
    """A file of orders that cannot be used as a whole: nothing is fitted."""

    code = "unreadable_orders"
    status = 422
    message = _("%(file)s cannot be read. %(reason)s")


class UnknownOrdersFormat(DomainError):
    code = "unknown_orders_format"
    status = 422
    message = _("There is no format “%(name)s” for files of orders. Known: %(known)s.")


class CalibrationEndNotUsable(DomainError):
    code = "calibration_end_not_usable"
    status = 422
    message = _("Nothing was bought on or before %(end)s: the first purchase was on %(first)s.")


class HealthNotChanged(DomainError):
    code = "health_not_changed"
    message = _("These weights and thresholds are in force already.")


class DefinitionNotValid(DomainError):
    """The place is the number of a group, or of a group and a condition in it; empty for all."""

    code = "definition_not_valid"
    status = 422
    message = _("These conditions cannot be used. %(place)s %(reason)s")


class RunNotStopped(DomainError):
    code = "run_not_stopped"
    message = _("Only a run that an error stopped can be resumed, and not beside another.")


class CardsInFileUnknown(DomainError):
    """A file that names cards of nobody changes nothing."""

    code = "cards_in_file_unknown"
    message = _(
        "Nothing was changed. Nobody holds the cards of these lines: %(lines)s (%(count)s in all)."
    )


class SegmentIsComputed(DomainError):
    code = "segment_is_computed"
    message = _(
        "This segment’s members follow from its conditions. Take it out of the nights first, then "
        "lists may change it."
    )


class NobodyToCareFor(DomainError):
    code = "nobody_to_care_for"
    message = _("Choose at least one task.")


class TaskNotOpen(DomainError):
    """Somebody was quicker, or the member came back: nothing is recorded for any of them."""

    code = "task_not_open"
    message = _(
        "Of the %(chosen)s tasks chosen only %(open)s are open now: somebody has acted, or the "
        "member came back. Load the list again."
    )


def refusal_text(code: str, details: Mapping[str, object]) -> str:
    """The sentence of a refusal that was kept, in the active language."""
    kinds = {kind.code: kind for kind in LifetimeRefused.__subclasses__()}
    return str(kinds.get(code, LifetimeRefused)(**details))
