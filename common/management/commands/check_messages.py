"""Check that every string of the project is translated."""

import contextlib
import io
import shutil
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.management.commands import makemessages

LOCALE = "zh_Hans"
CATALOGUE = Path("locale") / LOCALE / "LC_MESSAGES" / "django.po"
# Strings of third parties are kept by hand in common/locale; the rest is not the product.
NOT_OURS = [".*", "*~", "*.pyc", "locale", "*/locale", "tests", "docs", "deploy", "var"]


class Extraction(makemessages.Command):
    """Django's own extraction, into a folder that nobody keeps."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def build_potfiles(self) -> list[str]:
        self.locale_paths = [str(self.folder)]
        self.default_locale_path = str(self.folder)
        return super().build_potfiles()

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Leave the project's catalogue as it is."""


class Command(BaseCommand):
    """Exit with 1, naming each string, unless all are translated into Simplified Chinese.

    A string counts as translated when the catalogue has it, not fuzzy, with the same
    placeholders. Needs xgettext, and says so where it is missing.
    """

    help = "Check that every string of the project is translated."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--root", type=Path, default=settings.BASE_DIR, help="folder that holds locale/"
        )

    def handle(self, *args: Any, root: Path, **options: Any) -> None:
        if shutil.which("xgettext") is None:
            raise CommandError("xgettext is missing, which finds the strings: install gettext.")
        sources = extract(root)
        with (root / CATALOGUE).open("rb") as file:
            catalogue = read_po(file, locale=LOCALE)
        faults = [fault for source in sources for fault in faults_of(source, catalogue)]
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} of {len(sources)} strings lack a translation.")
        self.stdout.write(f"All {len(sources)} strings are translated.")


def extract(root: Path) -> list[Message]:
    """Every translatable string in the Python files and templates under `root`."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(root):
        call_command(
            Extraction(Path(folder)),
            locale=[LOCALE],
            ignore_patterns=list(NOT_OURS),
            keep_pot=True,
            verbosity=0,
        )
        template = Path(folder) / "django.pot"
        if not template.exists():
            return []
        # The placeholders of a template's header are no numbers, which Babel insists on.
        text = template.read_text(encoding="utf-8").replace("nplurals=INTEGER", "nplurals=2")
        return [message for message in read_po(io.StringIO(text)) if message.id]


def faults_of(source: Message, catalogue: Catalog) -> Iterator[str]:
    """What is wrong with the translation of one string, in words."""
    text = source.id if isinstance(source.id, str) else source.id[0]
    name = f"{source.context}: {text}" if source.context else text
    found = catalogue.get(source.id, source.context)
    if found is None:
        yield f"missing: {name}"
        return
    strings = [found.string] if isinstance(found.string, str) else found.string
    if not strings or not all(strings):
        yield f"empty: {name}"
    elif found.fuzzy:
        yield f"fuzzy: {name}"
    for error in found.check(catalogue):
        yield f"placeholders: {name} ({error})"
