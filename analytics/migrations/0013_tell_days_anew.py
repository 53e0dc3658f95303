"""Days on which members were erased, or had a birthday, are told anew by the next night."""

from datetime import UTC, datetime

from django.db import migrations

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def tell_anew(apps, schema_editor):
    forfeits = apps.get_model("loyalty", "PointsEntry").objects.filter(kind="forfeit")
    birthdays = apps.get_model("loyalty", "Activity").objects.filter(kind="birthday")
    days = apps.get_model("analytics", "DailyFigure").objects
    for facts in (forfeits, birthdays):
        days.filter(business_date__in=facts.values("business_date")).update(facts_until=LONG_AGO)


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0012_points_forfeited"),
        ("loyalty", "0030_forfeits"),
    ]

    operations = [migrations.RunPython(tell_anew, migrations.RunPython.noop)]
