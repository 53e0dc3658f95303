"""Whether a file is a picture that browsers show: by its content, never by its name."""

import hashlib
import zlib
from typing import Any

from benefits.errors import PictureNotReadable, PictureTooLarge

LARGEST_PICTURE = 5 * 1024 * 1024

PNG = b"\x89PNG\r\n\x1a\n"
WEBP_CHUNKS = (b"VP8 ", b"VP8L", b"VP8X")
# A JPEG tells its size in one of these; the others of the range are tables.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
SCAN = 0xDA


def picture_details(content: bytes) -> dict[str, Any]:
    """What is kept of a picture; refused: what `picture_type` refuses."""
    return {
        "media_type": picture_type(content),
        "content": content,
        "digest": hashlib.sha256(content).hexdigest(),
    }


def picture_type(content: bytes) -> str:
    """The media type of a picture; refused: over 5 MB, anything else, or one that is cut off."""
    if len(content) > LARGEST_PICTURE:
        raise PictureTooLarge()
    for media_type, is_one in SORTS.items():
        if is_one(content):
            return media_type
    raise PictureNotReadable()


def _is_png(content: bytes) -> bool:
    """Chunks with the right sums, from the header to the end."""
    if not content.startswith(PNG):
        return False
    place, is_first = len(PNG), True
    while place + 12 <= len(content):
        size = int.from_bytes(content[place : place + 4])
        name = content[place + 4 : place + 8]
        end = place + 12 + size
        if end > len(content) or (is_first and (name, size) != (b"IHDR", 13)):
            return False
        if zlib.crc32(content[place + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            return False
        if name == b"IEND":
            return True
        place, is_first = end, False
    return False


def _is_jpeg(content: bytes) -> bool:
    """Segments up to a scan, a frame among them, and the end of the image behind it."""
    if not content.startswith(b"\xff\xd8"):
        return False
    place, has_frame = 2, False
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in ALONE or marker == 0xFF:
            place += 1 if marker == 0xFF else 2
            continue
        if marker == SCAN:
            return has_frame and b"\xff\xd9" in content[place:]
        has_frame = has_frame or marker in JPEG_FRAMES
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return False


def _is_webp(content: bytes) -> bool:
    size = int.from_bytes(content[4:8], "little") + 8
    is_riff = content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    return is_riff and content[12:16] in WEBP_CHUNKS and 20 < size <= len(content)


def _is_gif(content: bytes) -> bool:
    is_headed = content[:6] in (b"GIF87a", b"GIF89a") and len(content) > 13
    return is_headed and content.rstrip(b"\x00").endswith(b";")


SORTS = {
    "image/png": _is_png,
    "image/jpeg": _is_jpeg,
    "image/webp": _is_webp,
    "image/gif": _is_gif,
}
