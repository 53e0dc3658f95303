"""What the loyalty app knows of a member."""

from loyalty.models import (
    Activity,
    AdjustmentApproval,
    AdjustmentRequest,
    ApprovalNote,
    DowngradeEvidence,
    EntryNote,
    ExpiryEvidence,
    LotAllocation,
    LotChange,
    LotChangeNote,
    MemberMultiplier,
    MergeMove,
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointsPayment,
    Purchase,
    PurchaseLine,
    Refund,
    RefundLine,
    RuleCounter,
    Standing,
    TierChange,
    TierOverride,
    UncollectedPoints,
)
from members.member_data import DataTable, MemberData

PLACES = {"store": "code", "channel": "code", "partner": "code"}
MOVES = {"from_tier": "code", "to_tier": "code"}

DATA = MemberData(
    tables=[
        DataTable(Purchase, named=PLACES),
        DataTable(PurchaseLine, "purchase__member", named={"category": "code"}),
        DataTable(Refund),
        DataTable(RefundLine, "refund__member"),
        DataTable(Activity),
        DataTable(PointsAccount, named={"point_type": "code"}),
        DataTable(PointsEntry, "account__member"),
        DataTable(EntryNote, "entry__account__member"),
        DataTable(PointsPayment, "entry__account__member"),
        DataTable(PointsLot, "account__member"),
        DataTable(LotAllocation, "lot__account__member"),
        DataTable(MergeMove, "merge__kept"),
        DataTable(LotChange, "lot__account__member"),
        DataTable(LotChangeNote, "change__lot__account__member"),
        DataTable(ExpiryEvidence, "lot__account__member"),
        DataTable(UncollectedPoints, "account__member"),
        DataTable(AdjustmentRequest, "account__member"),
        DataTable(AdjustmentApproval, "request__account__member"),
        DataTable(ApprovalNote, "approval__request__account__member"),
        DataTable(RuleCounter),
        DataTable(MemberMultiplier),
        DataTable(Standing, named={"tier": "code"}, hidden=frozenset({"version"})),
        DataTable(TierChange, named=MOVES, hidden=frozenset({"version"})),
        DataTable(TierOverride, named={"tier": "code"}),
        DataTable(DowngradeEvidence, named={"tier": "code"}),
    ],
    left_out={
        "loyalty.LadderMove": "what a draft of the ladder would do: plans, not facts of the member",
    },
)
