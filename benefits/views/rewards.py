"""The catalogue of rewards: look, confirm, redeem."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from benefits.catalogue import ShownReward, catalogue_of, prizes_of, shown_reward
from benefits.forms import RedeemForm
from benefits.models import Reward, RewardOrder, RewardPicture
from benefits.services.redeeming import redeem_reward
from benefits.words import headline, offer_conditions, validity_text
from common import clock
from common.errors import DomainError
from common.forms import add_domain_error
from members.models import Member
from members.views import member_page

PICTURE_SECONDS = 3600


@require_safe
@member_page
def rewards(request: HttpRequest, member: Member) -> HttpResponse:
    """What can be had now, what points are missing for, and what opens later."""
    context = {"member": member, "catalogue": catalogue_of(member, clock.now())}
    return render(request, "rewards/rewards.html", context)


@require_safe
@member_page
def reward_detail(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """One reward, what it costs, and the odds of a lottery."""
    shown = _shown(member, pk)
    context = {
        "member": member,
        "shown": shown,
        "reward": shown.reward,
        "prizes": _prizes(shown, member),
        "coupon_sentences": _coupon_sentences(shown.reward),
    }
    return render(request, "rewards/reward.html", context)


@require_safe
@member_page
@cache_control(private=True, max_age=PICTURE_SECONDS)
def reward_picture(request: HttpRequest, member: Member, pk: int, digest: str) -> HttpResponse:
    """A reward's picture, as what it was checked to be."""
    picture = get_object_or_404(RewardPicture, reward=pk, digest=digest)
    return HttpResponse(bytes(picture.content), content_type=picture.media_type)


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def redeem(request: HttpRequest, member: Member, pk: int) -> HttpResponse:
    """Say what it costs and what is left, and redeem once that is confirmed.

    Sent twice with one key it redeems once. A refusal is told on the page, with nothing lost.
    """
    if request.method != "POST":
        shown = _shown(member, pk)
        if not shown.is_open:
            return redirect("reward", pk)
        return _confirm(request, member, shown, RedeemForm.for_reward(shown))
    reward = get_object_or_404(Reward, pk=pk)
    form = RedeemForm(request.POST, is_sent=reward.is_sent)
    if form.is_valid():
        # A second tap finds its order though the reward may be gone by now.
        try:
            order = redeem_reward(reward=reward, member=member, **form.asked())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _done(order))
            return redirect("reward_order", order.pk)
    shown = _shown(member, pk)
    return _confirm(request, member, shown, form.at_price(shown))


def _done(order: RewardOrder) -> str:
    if order.reward.is_lottery:
        return gettext("Drawn: %(prize)s.") % {"prize": order.draw.prize.name}
    return gettext("Redeemed: %(name)s is yours.") % {"name": order.reward.name}


def _confirm(
    request: HttpRequest, member: Member, shown: ShownReward, form: RedeemForm
) -> HttpResponse:
    context = {
        "member": member,
        "shown": shown,
        "reward": shown.reward,
        "form": form,
        "prizes": _prizes(shown, member),
    }
    return render(request, "rewards/confirm.html", context)


def _shown(member: Member, pk: int) -> ShownReward:
    """A reward of the catalogue, as the member sees it now."""
    now = clock.now()
    reward = get_object_or_404(Reward.objects.whole().filter(is_active=True), pk=pk)
    return shown_reward(reward, member, now)


def _prizes(shown: ShownReward, member: Member) -> object:
    return prizes_of(shown.reward, member, clock.now()) if shown.reward.is_lottery else []


def _coupon_sentences(reward: Reward) -> list[str]:
    """What the coupon of a reward gives and asks for, before it is paid."""
    template = reward.coupon_template
    if template is None:
        return []
    return [headline(template), *offer_conditions(template), validity_text(template)]
