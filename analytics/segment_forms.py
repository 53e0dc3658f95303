"""The builder of a segment: rows whose widgets fit their fields, without any script.

Rows come and go by buttons that send the page; nothing is kept before it is saved. A row's field
is chosen once, when the row is added: its operators and its value follow from it.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analytics.errors import DefinitionNotValid
from analytics.rules.segments import (
    CATALOGUE,
    CHAPTERS,
    LARGEST,
    MOST_CONDITIONS,
    MOST_GROUPS,
    Condition,
    Definition,
    Field,
    Kind,
    Match,
    parse_definition,
)
from analytics.segment_options import options_of

_MATCHES = [(Match.ALL.value, _("all of them")), (Match.ANY.value, _("any of them"))]
_GROUPS = [(str(number), str(number)) for number in range(1, MOST_GROUPS + 1)]


class RowForm(forms.Form):
    """One condition: the group that it stands in, its operator, its value."""

    group = forms.ChoiceField(label=_("Group"), choices=_GROUPS, initial="1")

    def __init__(self, field: Field, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = field
        self.fields["operator"] = forms.ChoiceField(
            label=_("How"), choices=list(field.operators.items())
        )
        self.fields["value"] = _value_field(field)
        self.fields["remove"] = forms.BooleanField(label=_("Remove"), required=False)

    @property
    def has_choices(self) -> bool:
        """Whether the value is ticked rather than typed."""
        return self.about.kind == Kind.CHOICE

    @property
    def told(self) -> dict[str, Any]:
        """The condition as a definition has it."""
        value = self.cleaned_data["value"]
        match value:
            case Decimal() | date():
                value = str(value)
            case "yes" | "no":
                value = value == "yes"
        return {
            "field": self.about.name,
            "operator": self.cleaned_data["operator"],
            "value": value,
        }


class JoinsForm(forms.Form):
    """How the groups are joined, and within each the conditions; and what to add."""

    match = forms.ChoiceField(label=_("Groups that must hold"), choices=_MATCHES)
    new_field = forms.ChoiceField(label=_("One more condition"), required=False)
    new_group = forms.ChoiceField(label=_("in group"), choices=_GROUPS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["new_field"]
        field.choices = [("", "–"), *_field_choices()]
        for number, _label in _GROUPS:
            self.fields[f"match_{number}"] = forms.ChoiceField(
                label=gettext("Conditions of group %(number)s that must hold") % {"number": number},
                choices=_MATCHES,
                required=False,
                initial=Match.ALL.value,
            )

    def of_group(self, number: str) -> str:
        return str(self.cleaned_data.get(f"match_{number}") or Match.ALL.value)


class BuilderForms:
    """The page's forms: as a definition has them, or as they were sent."""

    def __init__(self, definition: Definition | None, data: Any = None) -> None:
        self.data = data
        self.joins = JoinsForm(data, initial=_joins_of(definition))
        self.rows = list(_sent_rows(data)) if data is not None else list(_rows_of(definition))

    @property
    def names(self) -> list[str]:
        """The fields of the rows, in order, for the page to send back."""
        return [row.about.name for row in self.rows]

    @property
    def groups(self) -> Iterator[tuple[str, forms.BoundField, list[RowForm]]]:
        """Each group that has rows, with how they are joined."""
        for number, _label in _GROUPS:
            rows = [row for row in self.rows if _stands_in(row) == number]
            if rows:
                yield number, self.joins[f"match_{number}"], rows

    def rearranged(self) -> "BuilderForms":
        """The same page without the rows to be removed, and with the one to be added."""
        sent = self.data.copy()
        kept = [row for row in self.rows if not row["remove"].value()]
        asked = sent.get("new_field", "")
        if asked in CATALOGUE and "add" in sent and len(kept) < MOST_CONDITIONS:
            kept.append(RowForm(CATALOGUE[asked], initial={"group": sent.get("new_group", "1")}))
        sent["new_field"] = ""
        changed = BuilderForms(None)
        changed.joins = JoinsForm(initial={name: sent.get(name) for name in self.joins.fields})
        changed.rows = [_moved(row, number) for number, row in enumerate(kept)]
        return changed

    def definition(self) -> Definition | None:
        """What was sent, or None where something does not fit: the forms then say what."""
        fits = [row.is_valid() for row in self.rows]
        if not self.joins.is_valid() or not all(fits):
            return None
        if not self.rows:
            self.joins.add_error(None, _("Add at least one condition."))
            return None
        try:
            return parse_definition(self._told())
        except DefinitionNotValid as error:
            self.joins.add_error(None, str(error))
            return None

    def _told(self) -> dict[str, Any]:
        groups = []
        for number, _label in _GROUPS:
            rows = [row for row in self.rows if row.cleaned_data["group"] == number]
            if rows:
                conditions = [row.told for row in rows]
                groups.append({"match": self.joins.of_group(number), "conditions": conditions})
        return {"match": self.joins.cleaned_data["match"], "groups": groups}


def _stands_in(row: RowForm) -> str:
    """The group that a row names; the first where it names none that there is."""
    named = str(row["group"].value())
    return named if named in dict(_GROUPS) else "1"


def _field_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            str(heading),
            [(field.name, str(field.label)) for field in CATALOGUE.values()
             if field.chapter == chapter],
        )
        for chapter, heading in CHAPTERS.items()
    ]  # fmt: skip


def _value_field(field: Field) -> forms.Field:
    label = _("Value")
    match field.kind:
        case Kind.CHOICE:
            return forms.MultipleChoiceField(
                label=label,
                choices=options_of(field.options),
                widget=forms.CheckboxSelectMultiple,
            )
        case Kind.YES_NO:
            answers = [("yes", _("yes")), ("no", _("no"))]
            return forms.ChoiceField(label=label, choices=answers)
        case Kind.DATE:
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            return forms.DateField(label=_("Day"), widget=widget)
        case Kind.MONEY:
            return forms.DecimalField(label=label, min_value=0, max_value=LARGEST, decimal_places=2)
        case Kind.PERCENT:
            return forms.DecimalField(
                label=_("Percent"), min_value=0, max_value=100, decimal_places=2
            )
        case Kind.DAYS_AGO:
            label = _("Days")
    return forms.IntegerField(label=label, min_value=0, max_value=LARGEST)


def _sent_rows(data: Any) -> Iterator[RowForm]:
    """Rows by the fields that the page names; a name that the catalogue does not know is none."""
    for number, name in enumerate(data.getlist("row")[:MOST_CONDITIONS]):
        if name in CATALOGUE:
            yield RowForm(CATALOGUE[name], data, prefix=f"r{number}")


def _moved(row: RowForm, number: int) -> RowForm:
    """A row with what was typed in it, at another place, unchecked."""
    typed = {name: row[name].value() for name in ("group", "operator", "value")}
    return RowForm(row.about, initial=typed, prefix=f"r{number}")


def _joins_of(definition: Definition | None) -> dict[str, str]:
    if definition is None:
        return {"match": Match.ALL.value}
    joins = {"match": definition.match.value}
    for number, group in enumerate(definition.groups, start=1):
        joins[f"match_{number}"] = group.match.value
    return joins


def _rows_of(definition: Definition | None) -> Iterator[RowForm]:
    groups = definition.groups if definition else ()
    told = [(number, found) for number, group in enumerate(groups, start=1)
            for found in group.conditions]  # fmt: skip
    for place, (number, condition) in enumerate(told):
        initial = {
            "group": str(number),
            "operator": condition.operator,
            "value": _shown(condition),
        }
        yield RowForm(condition.field, initial=initial, prefix=f"r{place}")


def _shown(condition: Condition) -> Any:
    match condition.value:
        case bool():
            return "yes" if condition.value else "no"
        case tuple():
            return list(condition.value)
    return condition.value
