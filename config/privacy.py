"""What each floor knows of a member, and how it forgets: what only the top floor can gather."""

# The tables that hold a member's rows, and those that are left out with a reason.
MEMBER_DATA = [
    "members.member_data.DATA",
    "loyalty.member_data.DATA",
    "benefits.member_data.DATA",
    "analytics.member_data.DATA",
]
# What a member would lose by being erased, in words.
MEMBER_LOSSES = ["loyalty.losses.losses", "benefits.losses.losses"]
# In this order; the lowest floor, which forgets the person, comes last.
MEMBER_ERASURE = [
    "members.services.forgetting.forget_audit",
    "analytics.services.erasure.forget_analytics",
    "loyalty.services.erasure.withdraw_adjustments",
    "benefits.services.erasure.forget_benefits",
    "loyalty.services.erasure.forget_holdings",
    "members.services.forgetting.forget_person",
]
# What each app does when two members are merged, and when that is undone; the lowest floor first.
MEMBER_MERGE = [
    "loyalty.services.merging.PART",
    "benefits.services.merging.PART",
    "analytics.services.merging.PART",
]
