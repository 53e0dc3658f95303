"""Why an operator or a member does something: a sentence that is kept."""

from benefits.errors import OrderReasonMissing
from loyalty.services.ledger import check_reason


def said_reason(text: str) -> str:
    """The reason without spaces around it. Refused: none (OrderReasonMissing), one too long."""
    said = text.strip()
    if not said:
        raise OrderReasonMissing()
    check_reason(said)
    return said
