from .notices import Notice, NoticeDelivery
from .people import Consent, LoginManager, Member, Store, User, UserQuerySet

__all__ = [
    "Consent",
    "LoginManager",
    "Member",
    "Notice",
    "NoticeDelivery",
    "Store",
    "User",
    "UserQuerySet",
]
