"""What the benefits app knows of a member."""

from benefits.models import (
    BirthdayGrant,
    Coupon,
    CouponCounter,
    CouponGroup,
    CouponGroupPlace,
    CouponRecipient,
    CouponShare,
    CouponUse,
    LotteryDraw,
    MergedCoupon,
    Registration,
    RegistrationStep,
    RewardCounter,
    RewardOrder,
    RewardOrderStep,
    TierGiftGrant,
)
from members.member_data import DataTable, MemberData

OF_REWARD = {"reward": "code"}
OF_TEMPLATE = {"template": "code"}

DATA = MemberData(
    tables=[
        DataTable(Coupon, named=OF_TEMPLATE, hidden=frozenset({"conditions"})),
        DataTable(CouponUse),
        DataTable(MergedCoupon, "merge__kept"),
        DataTable(CouponCounter, named=OF_TEMPLATE),
        DataTable(CouponRecipient),
        DataTable(CouponShare, "coupon__member"),
        DataTable(CouponGroup, "opened_by", named=OF_TEMPLATE),
        DataTable(CouponGroupPlace),
        DataTable(RewardOrder, named=OF_REWARD),
        DataTable(RewardOrderStep, "order__member"),
        DataTable(RewardCounter, named=OF_REWARD),
        DataTable(LotteryDraw, "order__member", named={"prize": "name_en"}),
        DataTable(Registration, named={"event": "name_en", "session": "starts_at"}),
        DataTable(RegistrationStep, "registration__member"),
        DataTable(BirthdayGrant, named={"perk": "name_en"}),
        DataTable(TierGiftGrant, named={"gift": "name_en"}),
    ],
)
