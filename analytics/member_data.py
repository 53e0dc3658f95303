"""What the analytics app knows of a member."""

from analytics.models import BehaviourDay, BehaviourEvent, CareTask, MemberMetrics
from members.member_data import DataTable, MemberData

DATA = MemberData(
    tables=[
        DataTable(MemberMetrics, hidden=frozenset({"fit"})),
        DataTable(BehaviourEvent),
        DataTable(BehaviourDay),
        DataTable(CareTask, named={"level": "name_en"}),
    ]
)
