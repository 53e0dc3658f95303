"""A table with money in it that belongs to no app."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps.registry import Apps
from django.db import connection, models

from common.money import MoneyField


class Sample(models.Model):
    amount = MoneyField(null=True)
    fee = MoneyField(default=0)
    quantity = models.IntegerField(default=1)
    at = models.DateTimeField(null=True)
    on = models.DateField(null=True)

    class Meta:
        app_label = "common"
        apps = Apps()
        db_table = "tests_sample"

    def __str__(self) -> str:
        return f"{self.amount}"


@contextmanager
def sample_table() -> Iterator[None]:
    """The table, for as long as the test's transaction lives."""
    statement, params = connection.schema_editor().table_sql(Sample)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        yield
        cursor.execute("DROP TABLE tests_sample")
