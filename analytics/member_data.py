"""What the analytics app knows of a member."""

from analytics.models import MemberMetrics
from members.member_data import DataTable, MemberData

DATA = MemberData(tables=[DataTable(MemberMetrics, hidden=frozenset({"fit"}))])
