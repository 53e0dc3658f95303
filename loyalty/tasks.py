"""What workers are asked to do for points."""

from celery import shared_task

from loyalty.services.redating import applying


@shared_task
def send_redatings() -> None:
    """Look whether a confirmed re-date run waits for workers. Beat calls it every minute."""
    applying.send_due(send=redate_range.delay)


@shared_task
def redate_range(range_id: int) -> None:
    """Do one range of a re-date run."""
    applying.work_on_range(range_id)
