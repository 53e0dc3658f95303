"""What workers are asked to do for benefits."""

from celery import shared_task

from benefits import jobs


@shared_task
def issue_batches() -> None:
    """Write coupons that were promised. Beat calls it every minute."""
    jobs.issue_batches()


@shared_task
def lapse_groups() -> None:
    """Tell of groups that did not fill in time. Beat calls it every minute."""
    jobs.lapse_groups()


@shared_task
def tend_events() -> None:
    """Pass on seats, give back places, remind guests. Beat calls it every minute."""
    jobs.tend_events()
