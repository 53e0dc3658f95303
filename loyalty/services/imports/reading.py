"""Open a file of purchases, plain or gzipped, and read it as a stream."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from loyalty.errors import UnreadableFile

from .formats import Format

GZIP_MAGIC = b"\x1f\x8b"
HEADER_ROW = 1


def fingerprint(path: Path) -> str:
    """The SHA-256 of the file as it lies on disk."""
    with _told(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def records(path: Path, form: Format) -> Iterator[tuple[int, dict[str, str]]]:
    """Each record with its row number; the header is row 1.

    Refused as a whole: a file that is missing, empty, cut short, not text in UTF-8, or without
    the format's columns. A record with too few fields holds empty texts for the rest.
    """
    with _told(path), _opened(path) as text:
        reader = csv.DictReader(text, restkey="", restval="")
        _check_header(path, form, reader.fieldnames)
        yield from enumerate(reader, start=HEADER_ROW + 1)


def _check_header(path: Path, form: Format, header: object) -> None:
    if not isinstance(header, list | tuple):
        raise UnreadableFile(file=path.name, reason=_("It is empty."))
    missing = [name for name in form.columns if name not in header]
    if missing:
        reason = _("Row 1 lacks the columns %(missing)s of the format %(form)s.") % {
            "missing": ", ".join(missing),
            "form": form.name,
        }
        raise UnreadableFile(file=path.name, reason=reason)


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Text of the file; gzip is told by its first bytes, whatever the name says."""
    with path.open("rb") as raw:
        is_gzip = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        if is_gzip:
            with gzip.open(raw) as unpacked:
                yield io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline="")
        else:
            yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in words why a file cannot be read."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFile(file=path.name, reason=_("There is no such file.")) from error
    except IsADirectoryError as error:
        raise UnreadableFile(file=path.name, reason=_("It is a folder.")) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = _("It is cut short or damaged.")
        raise UnreadableFile(file=path.name, reason=reason) from error
    except UnicodeDecodeError as error:
        reason = _("It is not text in UTF-8.")
        raise UnreadableFile(file=path.name, reason=reason) from error
    except csv.Error as error:
        reason = _("It is not a CSV file: %s.") % error
        raise UnreadableFile(file=path.name, reason=reason) from error
    except PermissionError as error:
        raise UnreadableFile(file=path.name, reason=_("It may not be read.")) from error
