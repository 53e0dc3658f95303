"""One online client: `python -m tests.bench.client earn|redeem SEED SECONDS`."""

import random
import sys
import time
from typing import Any
from uuid import uuid4

import django

django.setup()

from loyalty.services.points import earn_points, redeem_points  # noqa: E402
from members.models import Member  # noqa: E402

from .processes import work_when_told  # noqa: E402

# As a request has looked its member up before it comes to points.
KNOWN = 2_000
SERVICES = {"earn": earn_points, "redeem": redeem_points}


class Client:
    """Calls one service for members at random until its time is over."""

    def __init__(self, name: str, seed: int, seconds: float) -> None:
        self.serve = SERVICES[name]
        self.seconds = seconds
        self.random = random.Random(seed)
        pks = Member.objects.values_list("pk", flat=True)
        self.members = list(Member.objects.filter(pk__in=self.random.sample(list(pks), KNOWN)))

    def work(self) -> dict[str, Any]:
        run = uuid4().hex
        done = 0
        started = time.perf_counter()
        until = started + self.seconds
        while time.perf_counter() < until:
            member = self.random.choice(self.members)
            self.serve(member=member, points=1, key=f"{run}:{done}")
            done += 1
        return {"done": done, "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    work_when_told(Client(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])).work)
