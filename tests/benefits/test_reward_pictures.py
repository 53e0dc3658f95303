"""A file is a picture by its content, whole and at most 5 MB."""

import pytest

from benefits.errors import PictureNotReadable, PictureTooLarge
from benefits.models import RewardPicture
from benefits.rules.pictures import LARGEST_PICTURE, picture_type
from benefits.services.reward_pictures import remove_reward_picture, set_reward_picture

from .pictures import GIF, JPEG, PNG, WEBP
from .rewards import reward

PICTURES = {"image/png": PNG, "image/gif": GIF, "image/jpeg": JPEG, "image/webp": WEBP}
NOT_PICTURES = {
    "empty": b"",
    "text": b"<svg onload='alert(1)'></svg>",
    "only a signature": b"\x89PNG\r\n\x1a\n",
    "a page after a signature": b"GIF89a<script>alert(1)</script>",
    "a JPEG without a frame": b"\xff\xd8\xff\xe0\x00\x04AB\xff\xda\x00\x02\xff\xd9",
    "a broken sum": PNG.replace(b"IDAT", b"IDAX"),
    "RIFF of sound": b"RIFF\x10\x00\x00\x00WAVEfmt \x00\x00\x00\x00",
}


@pytest.mark.parametrize("media_type", PICTURES)
def test_knows_each_sort(media_type: str) -> None:
    assert picture_type(PICTURES[media_type]) == media_type


@pytest.mark.parametrize("media_type", PICTURES)
def test_refuses_one_that_is_cut_off(media_type: str) -> None:
    with pytest.raises(PictureNotReadable):
        picture_type(PICTURES[media_type][:-3])


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_refuses_what_is_none(name: str) -> None:
    with pytest.raises(PictureNotReadable):
        picture_type(NOT_PICTURES[name])


def test_refuses_more_than_five_megabytes() -> None:
    filled = PNG + b"\x00" * (LARGEST_PICTURE - len(PNG))
    assert picture_type(filled) == "image/png"
    with pytest.raises(PictureTooLarge):
        picture_type(filled + b"\x00")


@pytest.mark.django_db
def test_a_picture_replaces_the_one_there_was() -> None:
    item = reward()
    set_reward_picture(reward=item, content=PNG)
    with pytest.raises(PictureNotReadable):
        set_reward_picture(reward=item, content=b"nothing")
    assert bytes(RewardPicture.objects.get().content) == PNG
    set_reward_picture(reward=item, content=GIF)
    assert RewardPicture.objects.get().media_type == "image/gif"
    remove_reward_picture(reward=item)
    assert not RewardPicture.objects.exists()
