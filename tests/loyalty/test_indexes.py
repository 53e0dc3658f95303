"""Indexes: those that are named exist, and large tables keep none that another makes needless."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Field, ForeignKey, Index, Model, UniqueConstraint

from loyalty.models import (
    ExpiryEvidence,
    LotChange,
    PointsAccount,
    PointsEntry,
    Purchase,
    Refund,
    TierChange,
)

LARGE = [ExpiryEvidence, LotChange, PointsAccount, PointsEntry, Purchase, Refund, TierChange]
MODELS = [model for model in apps.get_app_config("loyalty").get_models() if model._meta.managed]


def named(model: type[Model]) -> list[Index | UniqueConstraint]:
    unique = [c for c in model._meta.constraints if isinstance(c, UniqueConstraint)]
    return [*model._meta.indexes, *unique]


def is_needless(field: Field, model: type[Model]) -> bool:
    """Whether a key's own index is the beginning of one over all rows."""
    if not isinstance(field, ForeignKey) or not field.db_index or field.unique:
        return False
    whole = [index for index in named(model) if index.condition is None and index.fields]
    return any(index.fields[0] == field.name for index in whole)


@pytest.mark.parametrize("model", LARGE, ids=lambda model: model.__name__)
def test_no_key_keeps_an_index_that_another_begins_with(model: type[Model]) -> None:
    assert [f.name for f in model._meta.local_fields if is_needless(f, model)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_named_index_exists(model: type[Model]) -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert {index.name for index in named(model)} <= set(there)
