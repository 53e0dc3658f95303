import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0010_behaviour_health_care_and_segments"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyBand",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("business_date", models.DateField(verbose_name="business date")),
                ("band", models.PositiveSmallIntegerField(verbose_name="health band")),
                ("members", models.PositiveIntegerField(verbose_name="members")),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="analytics.healthversion",
                        verbose_name="version of the health score",
                    ),
                ),
            ],
            options={
                "verbose_name": "members in a health band",
                "verbose_name_plural": "members in health bands",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("business_date", "version", "band"), name="daily_band_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("version__isnull", True)),
                        fields=("business_date", "band"),
                        name="daily_band_once_by_default",
                    ),
                ],
            },
        ),
    ]
