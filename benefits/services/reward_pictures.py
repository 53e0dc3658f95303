"""Pictures of rewards."""

from django.db import transaction

from benefits.models import Reward, RewardPicture
from benefits.rules.pictures import picture_details


@transaction.atomic
def set_reward_picture(*, reward: Reward, content: bytes) -> RewardPicture:
    """Show this picture with a reward, instead of the one there was.

    Refused: what is no picture (PictureNotReadable), one over 5 MB (PictureTooLarge).
    """
    picture, _made = RewardPicture.objects.update_or_create(
        reward=reward, defaults=picture_details(content)
    )
    return picture


def remove_reward_picture(*, reward: Reward) -> None:
    """Show no picture with a reward."""
    RewardPicture.objects.filter(reward=reward).delete()
