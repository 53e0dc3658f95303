"""Foreign keys whose column begins another index need none of their own.

Each costs every insert, and PostgreSQL preferred some to the longer one that finds the row at once.
"""

import django.db.models.deletion
from django.db import migrations, models

from common.operations import DropIndexOfKey


def _key(to: str, related_name: str, *, is_optional: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        to=to,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        db_index=False,
        null=is_optional,
        blank=is_optional,
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("loyalty", "0015_figures_from_an_index"),
        ("members", "0005_birthdays"),
    ]

    operations = [
        DropIndexOfKey("expiryevidence", "lot", _key("loyalty.pointslot", "evidence")),
        DropIndexOfKey("lotchange", "lot", _key("loyalty.pointslot", "changes")),
        DropIndexOfKey("pointsaccount", "member", _key("members.member", "accounts")),
        DropIndexOfKey("pointsentry", "account", _key("loyalty.pointsaccount", "entries")),
        DropIndexOfKey("purchase", "member", _key("members.member", "purchases", is_optional=True)),
        DropIndexOfKey("refund", "member", _key("members.member", "refunds", is_optional=True)),
        DropIndexOfKey("tierchange", "member", _key("members.member", "tier_changes")),
    ]
