from .announcements import Announcement, AnnouncementRange
from .birthdays import BirthdayChange
from .codes import AccessCounter, ContactCode
from .consents import Agreement, Consent, ConsentText
from .erasure import ErasureRequest
from .merges import MemberMerge
from .notices import Notice, NoticeDelivery
from .people import LoginManager, Member, Store, User, UserQuerySet
from .segments import MemberTag, Segment, SegmentMembership, Tag
from .visits import PortalDay

__all__ = [
    "AccessCounter",
    "Agreement",
    "Announcement",
    "AnnouncementRange",
    "BirthdayChange",
    "Consent",
    "ConsentText",
    "ContactCode",
    "ErasureRequest",
    "LoginManager",
    "Member",
    "MemberMerge",
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
