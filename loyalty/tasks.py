"""What workers are asked to do for points."""

from celery import shared_task

from loyalty.services.ladder_changes import applying as ladder_changes
from loyalty.services.redating import applying


@shared_task
def send_redatings() -> None:
    """Look whether a confirmed re-date run waits for workers. Beat calls it every minute."""
    applying.send_due(send=redate_range.delay)


@shared_task
def redate_range(range_id: int) -> None:
    """Do one range of a re-date run."""
    applying.work_on_range(range_id)


@shared_task
def send_ladder_drafts() -> None:
    """Look whether a draft of the ladder waits for workers. Beat calls it every minute."""
    ladder_changes.send_due(send=work_on_ladder_range.delay)


@shared_task
def work_on_ladder_range(range_id: int) -> None:
    """Do one range of a draft's preview or application."""
    ladder_changes.work_on_range(range_id)
