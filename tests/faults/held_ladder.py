"""A worker of a real change of the ladder, held when all of a range is done, nothing committed."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.db import connection

django.setup()

from loyalty.models import LadderDraft  # noqa: E402
from loyalty.services.ladder_changes import applying  # noqa: E402

work = dict(applying.WORK)


def held(draft: LadderDraft, first: int, last: int) -> dict[str, Any]:
    """Do what the product does; in the second range, wait inside the transaction."""
    counts = work[draft.status](draft, first, last)
    folder = Path(os.environ["TEST_FOLDER"])
    is_held = (folder / "begun").exists()
    (folder / "begun").touch()
    deadline = time.monotonic() + 60
    while is_held and time.monotonic() < deadline:
        (folder / "inside").touch()
        time.sleep(0.02)
    return counts


if __name__ == "__main__":
    applying.WORK.update(dict.fromkeys(work, held))
    applying.work_on_draft(LadderDraft.objects.get(pk=int(sys.argv[1])))
    connection.close()
