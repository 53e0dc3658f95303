"""A word that nobody else uses, put into every text about a member, and looked for afterwards."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from common.append_only import drop_triggers, install_triggers
from members.member_data import DataTable, configured_tables
from members.models import Member

MARK = "QZ7K"

# Texts that stay, because a program must find its row again, or because the programme wrote them.
STAYS = {
    "loyalty.activity.key": "a program's: the same deed again must find its row",
    "loyalty.adjustmentrequest.key": "a program's",
    "loyalty.membermultiplier.key": "a program's",
    "loyalty.pointsentry.breakdown": "names of rules; append-only",
    "loyalty.pointsentry.key": "a program's; append-only",
    "loyalty.pointslot.expiry": "the policy's grammar",
    "loyalty.pointslot.redated_to": "the policy's grammar",
    "loyalty.purchase.coupons": "codes of coupons",
    "loyalty.purchase.external_id": "the till's receipt: a refund must find its purchase",
    "loyalty.purchase.source": "a program's name",
    "loyalty.purchaseline.sku": "an article of the shop's list",
    "loyalty.refund.external_id": "the till's receipt",
    "loyalty.refund.source": "a program's name",
    "loyalty.refundline.sku": "an article of the shop's list",
    "loyalty.rulecounter.rule_code": "a rule's code",
    "loyalty.rulecounter.window": "a day or a month",
    "loyalty.tieroverride.key": "a program's",
    "members.agreement.language": "in which of two languages; append-only",
    "members.consent.language": "in which of two languages; append-only",
    "members.agreement.source": "a program's name; append-only",
    "members.consent.source": "a program's name: proof of what was agreed to; append-only",
    "members.erasurerequest.key": "a form's",
    "members.membermerge.key": "a form's",
    "benefits.coupon.checkout_key": "a checkout's",
    "benefits.coupon.code": "made by us, of no use once it is void",
    "benefits.coupon.conditions": "ids of the programme",
    "benefits.coupon.exclusive_group": "the programme's",
    "benefits.coupon.key": "a program's",
    "benefits.coupon.name_en": "the programme's",
    "benefits.coupon.name_zh": "the programme's",
    "benefits.coupon.shares": "amounts by line number",
    "benefits.coupon.thing_en": "the programme's",
    "benefits.coupon.thing_zh": "the programme's",
    "benefits.coupongroup.code": "made by us",
    "benefits.coupongroup.key": "a form's",
    "benefits.couponshare.code": "made by us",
    "benefits.couponuse.checkout_key": "a checkout's",
    "benefits.couponuse.shares": "amounts by line number",
    "benefits.lotterydraw.odds": "the programme's",
    "benefits.lotterydraw.seed": "made by us",
    "benefits.registration.code": "made by us",
    "benefits.registration.key": "a form's",
    "analytics.caretask.suggested_en": "the programme's",
    "analytics.caretask.suggested_zh": "the programme's",
    "benefits.rewardorder.key": "a form's",
    "benefits.rewardorder.pickup_code": "made by us",
}


def text_columns() -> set[str]:
    """Columns that may hold what people wrote: texts that are no choices, and JSON."""
    return {named(table, column) for table, column in _texts()}


def columns_to_mark() -> set[str]:
    """Those of them that may not stay."""
    return text_columns() - set(STAYS)


def plant(member: Member) -> set[str]:
    """Put the mark into every text of the member's rows, around services and triggers; gives the
    columns that it stands in."""
    drop_triggers(connection)
    planted = {
        named(table, column)
        for table, column in _texts()
        if named(table, column) not in STAYS and _plant(table, column, member)
    }
    install_triggers(connection)
    return planted


def named(table: DataTable, column: models.Field[Any, Any]) -> str:
    return f"{table.name}.{column.name}"


def _texts() -> Iterator[tuple[DataTable, models.Field[Any, Any]]]:
    for table in configured_tables():
        for column in table.model._meta.concrete_fields:
            is_text = isinstance(column, models.CharField | models.TextField | models.JSONField)
            if is_text and not column.choices:
                yield table, column


def _plant(table: DataTable, column: models.Field[Any, Any], member: Member) -> bool:
    """Whether any row took it: a text that must be empty (an operator's reason) refuses."""
    rows = table.model._default_manager
    ids = list(rows.filter(**{table.path: member.pk}).values_list("pk", flat=True))
    is_planted = False
    for pk in ids:
        with suppress(IntegrityError), transaction.atomic():
            rows.filter(pk=pk).update(**{column.name: _marked(column, pk)})
            is_planted = True
    return is_planted


def _marked(column: models.Field[Any, Any], pk: int) -> Any:
    """The mark in a value that the column's constraints take, different in every row."""
    if isinstance(column, models.JSONField):
        return {"said": MARK}
    match column.name:
        case "card_number":
            return f"{MARK}{pk:012}"
        case "page":
            return f"/{MARK}{pk}"
        case "phone":
            return f"+86{MARK}{pk}"
        case "email":
            return f"{MARK.lower()}{pk}@example.com"
    return f"{MARK}{pk}"


def found() -> list[str]:
    """The tables and columns of the whole database in which the mark stands, by any spelling."""
    with connection.cursor() as cursor:
        return sorted(
            f"{table}.{column}"
            for table in connection.introspection.table_names(cursor)
            for column in _columns(cursor, table)
            if _stands_in(cursor, table, column)
        )


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")
    return [column[0] for column in cursor.description]


def _stands_in(cursor: Any, table: str, column: str) -> bool:
    quote = connection.ops.quote_name
    cursor.execute(
        f"SELECT COUNT(*) FROM {quote(table)} WHERE UPPER(CAST({quote(column)} AS TEXT)) LIKE %s",
        [f"%{MARK}%"],
    )
    return bool(cursor.fetchone()[0])
