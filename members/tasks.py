"""What workers are asked to do for members."""

from celery import shared_task

from members import jobs
from members.services.announcing import ANNOUNCING


@shared_task
def send_notices() -> None:
    """Carry what members are to be told. Beat calls it every minute."""
    jobs.send_notices()


@shared_task
def forget_codes() -> None:
    """Delete codes and sessions that nobody can use any more. Beat calls it every hour."""
    jobs.forget_codes()


@shared_task
def send_announcements() -> None:
    """Look whether a confirmed announcement waits for workers. Beat calls it every minute."""
    ANNOUNCING.send_due(send=announce_range.delay)


@shared_task
def announce_range(range_id: int) -> None:
    """Tell the members of one range."""
    ANNOUNCING.work_on_range(range_id)
