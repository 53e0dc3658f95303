from .birthdays import BirthdayChange
from .erasure import ErasureRequest
from .notices import Notice, NoticeDelivery
from .people import Consent, LoginManager, Member, Store, User, UserQuerySet
from .segments import MemberTag, Segment, SegmentMembership, Tag
from .visits import PortalDay

__all__ = [
    "BirthdayChange",
    "Consent",
    "ErasureRequest",
    "LoginManager",
    "Member",
    "MemberTag",
    "Notice",
    "NoticeDelivery",
    "PortalDay",
    "Segment",
    "SegmentMembership",
    "Store",
    "Tag",
    "User",
    "UserQuerySet",
]
