"""Refusals about the ladder, standings and presets."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class UnknownPreset(DomainError):
    code = "unknown_preset"
    status = 422
    message = _("There is no programme called “%(name)s”. Known: %(known)s.")


class TierInUse(DomainError):
    code = "tier_in_use"
    message = _(
        "Members stand, or stood, on the tier “%(tier)s”: it cannot be taken away. Load a "
        "programme of at least %(rungs)s tiers, or change the tiers that there are in the admin."
    )


class TierNamedByRule(DomainError):
    code = "tier_named_by_rule"
    message = _(
        "Earning rules, in force or before, are limited to the tier “%(tier)s”: it cannot be taken "
        "away. Load a programme that has this many tiers, or change the tiers in the admin."
    )


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


class DraftReasonMissing(DomainError):
    code = "draft_reason_missing"
    status = 422
    message = _("Say why: a change of the ladder needs a reason.")


class DraftRemovesLowest(DomainError):
    code = "draft_removes_lowest"
    status = 422
    message = _("%(tier)s is the lowest tier and everyone's: it stays, with its code, at rank 0.")


class DraftCodeTwice(DomainError):
    code = "draft_code_twice"
    status = 422
    message = _("Two tiers have the code %(tier)s. Give each its own.")


class DraftChangesNothing(DomainError):
    code = "draft_changes_nothing"
    message = _("This draft says what the ladder says already. Change something first.")


class DraftOutdated(DomainError):
    code = "draft_outdated"
    message = _(
        "The ladder was changed after this draft was begun. Discard it and begin another from the "
        "ladder as it is now."
    )


class DraftNotOpen(DomainError):
    code = "draft_not_open"
    message = _("This cannot be done to the draft any more. Its status: %(status)s.")


class DraftNotPreviewed(DomainError):
    code = "draft_not_previewed"
    message = _("Preview the draft first: only what was previewed is applied. Status: %(status)s.")


class DraftNotStopped(DomainError):
    code = "draft_not_stopped"
    message = _("Only a draft that an error stopped can be resumed. Its status: %(status)s.")


class DraftUnderWay(DomainError):
    code = "draft_under_way"
    message = _(
        "A change of the ladder is being applied: let it finish first, or resume it where an error "
        "stopped it."
    )
