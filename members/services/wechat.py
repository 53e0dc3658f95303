"""Which WeChat account signs in to which login."""

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from members.models import User

PROVIDER = "weixin"


@transaction.atomic
def tie_wechat(*, user: User, uid: str, nickname: str) -> bool:
    """Let a WeChat account sign in to a login; False where it signs in to another one already."""
    account, _is_new = SocialAccount.objects.get_or_create(
        provider=PROVIDER,
        uid=uid,
        defaults={"user": user, "extra_data": {"nickname": nickname}},
    )
    return bool(account.user_id == user.pk)


@transaction.atomic
def untie_wechat(*, user: User) -> bool:
    """Let no WeChat account sign in to a login any more; whether one did."""
    return bool(SocialAccount.objects.filter(user=user, provider=PROVIDER).delete()[0])
