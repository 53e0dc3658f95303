"""What workers are asked to do for points."""

from celery import shared_task

from loyalty.services.ladder_changes.applying import LADDER_CHANGES
from loyalty.services.redating.applying import REDATING


@shared_task
def send_redatings() -> None:
    """Look whether a confirmed re-date run waits for workers. Beat calls it every minute."""
    REDATING.send_due(send=redate_range.delay)


@shared_task
def redate_range(range_id: int) -> None:
    """Do one range of a re-date run."""
    REDATING.work_on_range(range_id)


@shared_task
def send_ladder_drafts() -> None:
    """Look whether a draft of the ladder waits for workers. Beat calls it every minute."""
    LADDER_CHANGES.send_due(send=work_on_ladder_range.delay)


@shared_task
def work_on_ladder_range(range_id: int) -> None:
    """Do one range of a draft's preview or application."""
    LADDER_CHANGES.work_on_range(range_id)
