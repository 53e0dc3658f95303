"""What workers are asked to do for members."""

from celery import shared_task

from members import jobs


@shared_task
def send_notices() -> None:
    """Carry what members are to be told. Beat calls it every minute."""
    jobs.send_notices()
