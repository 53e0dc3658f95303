"""The README tells every variable that .env.example tells, with the same default."""

import re

from config.environment import BASE_DIR

DEFAULT = re.compile(r"^# ([A-Z_]+)=(.*)$", re.MULTILINE)
ROW = re.compile(r"^\| `([A-Z_]+)` \| `?([^|`]*)`? \|", re.MULTILINE)


def test_has_every_variable_with_its_default() -> None:
    documented = DEFAULT.findall((BASE_DIR / ".env.example").read_text())
    rows = ROW.findall((BASE_DIR / "README.md").read_text())

    assert [name for name, _default in rows] == [name for name, _default in documented]
    told = dict(rows)
    assert {name: told[name] for name, default in documented if default} == {
        name: default for name, default in documented if default
    }


def test_shows_pictures_that_are_there() -> None:
    pictures = re.findall(r'src="([^"]+)"', (BASE_DIR / "README.md").read_text())

    assert len(pictures) == 2
    assert all((BASE_DIR / picture).is_file() for picture in pictures)
