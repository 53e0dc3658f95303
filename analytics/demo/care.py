"""The nights of past weeks: members measured, missed, cared for, and seen to come back or not."""

import random
from datetime import date, timedelta

from analytics.jobs import count_bands, measure_members, open_care_tasks
from analytics.models import CareTask
from analytics.services.care import (
    act_on_tasks,
    add_suggested_levels,
    assign_tasks,
    dismiss_tasks,
)
from analytics.spans import LAST_ID
from loyalty.demo.loading import COLLEAGUE
from members.models import User

Action = CareTask.Action

WEEKS = 13
# Of the tasks that wait after a night: how many are acted upon, and let go.
ACTED, DISMISSED = 0.45, 0.05
ACTIONS = (Action.CALL, Action.MESSAGE, Action.COUPON, Action.POINTS, Action.INVITATION)
OFTEN = (4, 5, 5, 2, 1)
NOTES = {
    Action.CALL: "通话 5 分钟，答应下月来店 Five minutes on the phone, will come by next month",
    Action.MESSAGE: "发送新茶到店消息 Wrote about the new harvest",
    Action.COUPON: "赠送满 100 减 10 Sent ten off a hundred",
    Action.POINTS: "补送 100 积分 Gave a hundred points",
    Action.INVITATION: "邀请参加品茶会 Asked to the tasting",
}
LET_GO = "已搬家 Moved away"


def care_for_members(rng: random.Random, operator: User, *, today: date) -> None:
    """Run a night a week for three months up to last week's, and work on what each opened."""
    add_suggested_levels()
    colleague = User.objects.get(username=COLLEAGUE)
    for weeks in range(WEEKS, 0, -1):
        night = today - timedelta(days=7 * weeks)
        measure_members(night, 0, LAST_ID)
        count_bands(night, 0, 0)
        open_care_tasks(night, 0, LAST_ID)
        _work_on_tasks(rng, operator, night)
    waiting = list(CareTask.objects.waiting().values_list("pk", flat=True))
    assign_tasks(task_ids=waiting[::3], owner=colleague)


def _work_on_tasks(rng: random.Random, operator: User, night: date) -> None:
    """The operators act on the day after a night."""
    on = night + timedelta(days=1)
    for pk in list(CareTask.objects.waiting().values_list("pk", flat=True)):
        luck = rng.random()
        if luck < ACTED:
            action = rng.choices(ACTIONS, OFTEN)[0]
            note = NOTES[action]
            act_on_tasks(task_ids=[pk], action=action, note=note, operator=operator, on=on)
        elif luck < ACTED + DISMISSED:
            dismiss_tasks(task_ids=[pk], note=LET_GO, operator=operator, on=on)
