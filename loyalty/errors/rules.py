"""Refusals about earning rules."""

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


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
