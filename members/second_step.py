"""The second step of signing in: how allauth's is drawn, kept, and who may go without."""

import base64
import hashlib
from io import BytesIO

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes
from django.utils.translation import gettext_lazy as _

from members.adapters import member_of
from members.models import User


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Codes of an authenticator app, whose key is drawn by segno and kept encrypted."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the code. Please check the six digits."),
        "cannot_delete_authenticator": _("Operators sign in with a second step here."),
    }

    def get_totp_label(self, user: User) -> str:
        member = member_of(user)
        if member is None:
            return user.username
        return str(member.phone or member.email)

    def build_totp_svg(self, url: str) -> str:
        picture = BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", border=2, light="#fff", omitsize=True)
        return picture.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user: User = authenticator.user
        return not (settings.OPERATOR_SECOND_STEP and user.is_operator)


def _keys() -> MultiFernet:
    """The site's secret, and the ones before it: what they encrypted can be read."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [
        hashlib.sha256(b"members.second_step:" + force_bytes(text)).digest() for text in secrets
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
