"""Refusals about the ladder, standings and presets."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class UnknownPreset(DomainError):
    code = "unknown_preset"
    status = 422
    message = _("There is no programme called “%(name)s”. Known: %(known)s.")


class TierInUse(DomainError):
    code = "tier_in_use"
    message = _("Members stand, or stood, on the tier “%(tier)s”: it cannot be taken away.")


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


class MultiplierNotUsable(DomainError):
    code = "multiplier_not_usable"
    status = 422
    message = _("A multiplier is above 1 and at most %(most)s.")


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
