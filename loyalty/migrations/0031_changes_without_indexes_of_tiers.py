"""Changes of tiers are not looked for by tier or wording, places not by wording.

Such an index has few values and very many rows for each: every change of a night writes the same
pages of it, whichever worker books it.
"""

import django.db.models.deletion
from django.db import migrations, models

from common.operations import DropIndexOfKey


def _key(to: str, *, is_optional: bool = True) -> models.ForeignKey:
    return models.ForeignKey(
        to=to,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        db_index=False,
        null=is_optional,
        blank=is_optional,
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("loyalty", "0030_forfeits"),
    ]

    operations = [
        DropIndexOfKey("tierchange", "from_tier", _key("loyalty.tier")),
        DropIndexOfKey("tierchange", "to_tier", _key("loyalty.tier", is_optional=False)),
        DropIndexOfKey("tierchange", "version", _key("loyalty.ladderversion")),
        DropIndexOfKey("standing", "version", _key("loyalty.ladderversion")),
    ]
