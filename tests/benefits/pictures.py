"""The smallest whole pictures of each sort, built by their formats' rules."""

import zlib


def _chunk(name: bytes, content: bytes) -> bytes:
    size, check = len(content).to_bytes(4), zlib.crc32(name + content).to_bytes(4)
    return size + name + content + check


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00")
    + _chunk(b"IDAT", zlib.compress(b"\x00\xc0\x40\x30"))
    + _chunk(b"IEND", b"")
)
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_FRAME = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x04AB" + _FRAME + b"\xff\xda\x00\x08\x01\x01\x00\x00?\x00\x00\xff\xd9"
_VP8L = b"VP8L\x0c\x00\x00\x00/\x00\x00\x00\x00\x88\x88\x08\x00\x00\x00\x00"
WEBP = b"RIFF" + (4 + len(_VP8L)).to_bytes(4, "little") + b"WEBP" + _VP8L
