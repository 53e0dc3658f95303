"""What workers are asked to do for benefits."""

from celery import shared_task

from benefits import jobs


@shared_task
def issue_batches() -> None:
    """Write coupons that were promised. Beat calls it every minute."""
    jobs.issue_batches()
