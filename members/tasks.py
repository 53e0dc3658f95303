"""What workers are asked to do for members."""

from celery import shared_task

from members import jobs


@shared_task
def send_notices() -> None:
    """Carry what members are to be told. Beat calls it every minute."""
    jobs.send_notices()


@shared_task
def forget_codes() -> None:
    """Delete codes and sessions that nobody can use any more. Beat calls it every hour."""
    jobs.forget_codes()
