"""The real expiry, held at its most delicate moment: all done, nothing committed."""

import os
import time
from datetime import date
from pathlib import Path

from common.jobs.steps import Counts, ranged_step
from loyalty import jobs


@ranged_step
def expire_points(business_date: date, first_member_id: int, last_member_id: int) -> Counts:
    """Expire as the product does; then wait inside the transaction while a file is there."""
    counts = jobs.expire_points(business_date, first_member_id, last_member_id)
    folder = Path(os.environ["TEST_FOLDER"])
    deadline = time.monotonic() + 60
    # The second range is held, so that one before it is done and one after it never began.
    is_held = (folder / "hold").exists() and (folder / "begun").exists()
    (folder / "begun").touch()
    while is_held and (folder / "hold").exists() and time.monotonic() < deadline:
        (folder / "inside").touch()
        time.sleep(0.02)
    return counts
