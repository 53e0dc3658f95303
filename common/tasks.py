"""What workers are asked to do for the job ledger."""

from celery import shared_task

from common.jobs import scheduler


@shared_task
def tick() -> None:
    """Look whether a night is due. Beat calls it every minute."""
    scheduler.tick(send=run_range.delay)


@shared_task
def run_range(range_id: int) -> None:
    """Do one range of a night."""
    scheduler.work(range_id, send=run_range.delay)
