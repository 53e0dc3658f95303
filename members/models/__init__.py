from .notices import Notice, NoticeDelivery
from .people import Consent, LoginManager, Member, Store, User, UserQuerySet
from .segments import MemberTag, Segment, SegmentMembership, Tag

__all__ = [
    "Consent",
    "LoginManager",
    "Member",
    "MemberTag",
    "Notice",
    "NoticeDelivery",
    "Segment",
    "SegmentMembership",
    "Store",
    "Tag",
    "User",
    "UserQuerySet",
]
