"""The ways by which an offer's coupons come to members, as its page lists them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from benefits.models import (
    BirthdayPerk,
    CouponTemplate,
    Holiday,
    LotteryPrize,
    Reward,
    TierGift,
)
from loyalty.admin.bases import link_to
from members.models import User

Operator = AbstractBaseUser | AnonymousUser
# What is filled in where an operator goes on from the offer to what gives it.
Filled = Callable[[CouponTemplate], dict[str, object]]


@dataclass(frozen=True)
class Way:
    """One way: what gives the coupon, by name, and where to add another; empty where not."""

    title: StrOrPromise
    rows: list[SafeString | str]
    add_label: StrOrPromise = ""
    add_url: str = ""


def _as_template(template: CouponTemplate) -> dict[str, object]:
    return {"template": template.pk}


def _as_reward(template: CouponTemplate) -> dict[str, object]:
    return {"kind": Reward.Kind.COUPON, "coupon_template": template.pk}


def _as_perk(template: CouponTemplate) -> dict[str, object]:
    return {"kind": BirthdayPerk.Kind.COUPON, "template": template.pk}


WAYS: list[tuple[StrOrPromise, StrOrPromise, type[Model], str, Filled]] = [
    (_("For points"), _("Offer it for points"), Reward, "coupon_template", _as_reward),
    (_("For rising to a tier"), _("Give it with a tier"), TierGift, "template", _as_template),
    (_("For birthdays"), _("Give it for birthdays"), BirthdayPerk, "template", _as_perk),
    (_("On holidays"), _("Give it on a holiday"), Holiday, "template", _as_template),
]


def ways_of(template: CouponTemplate, operator: Operator) -> list[Way]:
    """What gives coupons of this offer now; a query for each way."""
    ways = [_way(template, operator, *way) for way in WAYS]
    prizes = LotteryPrize.objects.filter(coupon_template=template).select_related("reward")
    if lotteries := _shown({prize.reward: None for prize in prizes}, operator):
        ways.append(Way(_("In lotteries"), lotteries))
    sources = CouponTemplate.objects.filter(friend_template=template).order_by("pk")
    if shared := _shown(sources, operator):
        ways.append(Way(_("From friends who hold"), shared))
    return ways


def _way(
    template: CouponTemplate,
    operator: Operator,
    title: StrOrPromise,
    add_label: StrOrPromise,
    model: type[Model],
    field: str,
    filled: Filled,
) -> Way:
    rows: QuerySet[Model] = model._default_manager.filter(**{field: template, "is_active": True})
    names = {"name_en": template.name_en, "name_zh": template.name_zh}
    shown = _shown(rows.order_by("pk"), operator)
    if not _may(operator, "add", model):
        return Way(title, shown)
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
    return Way(title, shown, add_label, f"{address}?{urlencode(filled(template) | names)}")


def _shown(rows: Iterable[Model], operator: Operator) -> list[SafeString | str]:
    """Rows by their names, leading to their pages where the operator may see them."""
    return [(_may(operator, "view", type(row)) and link_to(row)) or str(row) for row in rows]


def _may(operator: Operator, what: str, model: type[Model]) -> bool:
    name = f"{model._meta.app_label}.{what}_{model._meta.model_name}"
    return isinstance(operator, User) and operator.has_perm(name)
