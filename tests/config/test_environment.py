"""The file that explains the environment names what the settings read, and nothing else."""

import re

from config.environment import BASE_DIR

READ = re.compile(r"env\.\w+\(\s*\"([A-Z_]+)\"")
EXPLAINED = re.compile(r"^# ([A-Z_]+)=", re.MULTILINE)


def test_example_explains_every_variable() -> None:
    sources = "\n".join(path.read_text() for path in (BASE_DIR / "config").rglob("*.py"))
    example = (BASE_DIR / ".env.example").read_text()
    assert set(EXPLAINED.findall(example)) == set(READ.findall(sources))
