"""A worker of the real re-dating, held at its most delicate moment: all done, nothing committed."""

import os
import sys
import time
from pathlib import Path

import django
from django.db import connection

django.setup()

from common.jobs.steps import Counts  # noqa: E402
from loyalty.models import RedateRun  # noqa: E402
from loyalty.services.redating import applying  # noqa: E402

redate_lots = applying.redate_lots


def held(run: RedateRun, first_member_id: int, last_member_id: int) -> Counts:
    """Re-date as the product does; in the second range, wait inside the transaction."""
    counts = redate_lots(run, first_member_id, last_member_id)
    folder = Path(os.environ["TEST_FOLDER"])
    is_held = (folder / "begun").exists()
    (folder / "begun").touch()
    deadline = time.monotonic() + 60
    while is_held and time.monotonic() < deadline:
        (folder / "inside").touch()
        time.sleep(0.02)
    return counts


if __name__ == "__main__":
    applying.redate_lots = held
    applying.apply_redating(RedateRun.objects.get(pk=int(sys.argv[1])))
    connection.close()
