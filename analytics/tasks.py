"""What workers are asked to do for analytics."""

from celery import shared_task

from analytics import jobs


@shared_task
def work_on_runs() -> None:
    """Go on with runs over members that operators asked for. Beat calls it every minute."""
    jobs.work_on_runs()
