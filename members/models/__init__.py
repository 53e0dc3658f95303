from .notices import Notice, NoticeDelivery
from .people import Consent, LoginManager, Member, Store, User, UserQuerySet
from .visits import PortalDay

__all__ = [
    "Consent",
    "LoginManager",
    "Member",
    "Notice",
    "NoticeDelivery",
    "PortalDay",
    "Store",
    "User",
    "UserQuerySet",
]
