"""The import contracts hold, and break on a planted wrong import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.environment import BASE_DIR

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("config", "analytics", "benefits", "loyalty", "members", "common")


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources, to plant mistakes in."""
    only_sources = shutil.ignore_patterns("*.mo", "__pycache__", "static", "templates")
    for package in PACKAGES:
        shutil.copytree(BASE_DIR / package, tmp_path / package, ignore=only_sources)
    shutil.copy(BASE_DIR / "pyproject.toml", tmp_path)
    return tmp_path


def plant(tree: Path, module: str, line: str) -> None:
    path = tree / module
    path.write_text(f"{path.read_text() if path.exists() else ''}\n{line}\n")


def test_hold_for_the_project() -> None:
    done = lint(BASE_DIR)
    assert "Contracts: 3 kept, 0 broken." in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("common/clock.py", "import members"),
        ("members/rules.py", "from loyalty import rules"),
        ("loyalty/rules.py", "import benefits"),
        ("benefits/apps.py", "import analytics"),
        ("analytics/apps.py", "from config import urls"),
    ],
)
def test_floors_break_on_an_import_from_above(tree: Path, module: str, line: str) -> None:
    plant(tree, module, line)
    done = lint(tree)
    assert done.returncode == 1
    assert "Floors: an app imports only from the floors below it BROKEN" in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("members/errors.py", "from members import rules"),
        ("members/rules.py", "from members import models"),
        ("members/models/people.py", "from members import services"),
        ("members/services.py", "from members import jobs"),
        ("benefits/forms.py", "from benefits import views"),
        ("benefits/tasks.py", "from benefits import api"),
        ("common/errors.py", "from common import models"),
    ],
)
def test_rooms_break_on_an_import_against_the_direction(tree: Path, module: str, line: str) -> None:
    for room in ("views", "api", "jobs", "services"):
        (tree / "benefits" / f"{room}.py").touch()
    plant(tree, module, line)
    done = lint(tree)
    assert done.returncode == 1
    assert "Rooms: inside an app, imports go one way only BROKEN" in done.stdout


def test_numbers_break_on_numpy_below_analytics(tree: Path) -> None:
    plant(tree, "loyalty/rules/points.py", "import numpy")
    done = lint(tree)
    assert done.returncode == 1
    assert "Numbers: only analytics computes with numpy and scipy BROKEN" in done.stdout
