"""allauth keeps addresses of its own: they follow `Member.email`, in one transaction with it."""

from allauth.account.models import EmailAddress
from django.db import transaction

from members.models import Member


@transaction.atomic
def follow_email(*, member: Member) -> None:
    """Make a login's address the member's own and no other; none where the member has none."""
    if member.user_id is None:
        return
    addresses = EmailAddress.objects.filter(user_id=member.user_id)
    addresses.exclude(email=member.email or "").delete()
    if member.email:
        # Nobody else holds it: what is left of another login's is stale.
        EmailAddress.objects.filter(email=member.email).exclude(user_id=member.user_id).delete()
        EmailAddress.objects.update_or_create(
            user_id=member.user_id,
            email=member.email,
            defaults={"verified": True, "primary": True},
        )
