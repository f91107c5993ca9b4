"""Forms of imports."""

from __future__ import annotations

from typing import Any

from django import forms

from careledger.core.records import PROGRAMS, TABLES
from careledger.facts.mapped import ROSTER, columns_needed, columns_wanted, guess
from careledger.facts.timelog import REQUIRED, SYNONYMS
from careledger.fhir.server.login import ALGORITHMS
from careledger.web.billing.queries import policy
from careledger.web.intake.guard import MAX_MB, refusal
from careledger.web.intake.server import ServerRefused, mark_of
from careledger.web.tenancy.models import Person, Practice

_APART = ("time_entries", "proposed_lines", "practices")
_MEANINGS = {
    "start": "Start, day and time", "end": "End, day and time", "on": "Day, where start and end are not known",
    "minutes": "Minutes, where the end is not known", "recorded": "When it was recorded", "entry_id": "Id of the entry",
    "by": "Who worked, by id", "programs": "Program", "patient_id": "The patient",
}  # fmt: skip


def what_choices() -> list[tuple[str, Any]]:
    """What an upload may be."""
    tables = [(f"table:{name}", name.replace("_", " ").capitalize()) for name in TABLES if name not in _APART]
    return [
        ("From the electronic record", [("fhir", "FHIR resources (NDJSON, bundle, ZIP)")]),
        ("From a spreadsheet", [(f"table:{ROSTER}", "Patients, one a row (CSV)"), ("timelog", "Time log (CSV)")]),
        ("Tables of CareLedger", [("folder", "Several tables (ZIP of CSV)"), *tables]),
    ]


class UploadForm(forms.Form):
    """A file to be brought in."""

    what = forms.ChoiceField(choices=what_choices, label="What it holds")
    practice = forms.ModelChoiceField(
        None, required=False, empty_label=None, to_field_name="code", label="Practice of people whose records name none"
    )
    file = forms.FileField(label="File", help_text=f"FHIR or ZIP to {MAX_MB['fhir']} MB, CSV to {MAX_MB['table']} MB.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practice"].queryset = Practice.objects.order_by("pk")
        if Practice.objects.count() < 2:
            del self.fields["practice"]

    @property
    def kind(self) -> str:
        return str(self.cleaned_data["what"]).partition(":")[0]

    @property
    def options(self) -> dict[str, Any]:
        """How the file is to be read."""
        table = str(self.cleaned_data["what"]).partition(":")[2]
        if self.kind == "table":
            return {"table": table}
        practice = self.cleaned_data.get("practice") or Practice.objects.order_by("pk").first()
        return {"practice": practice.code} if self.kind == "fhir" and practice else {}

    def clean(self) -> dict[str, Any]:
        cells = super().clean() or {}
        if {"what", "file"} <= cells.keys() and (why := refusal(self.kind, cells["file"])):
            self.add_error("file", why)
        return cells


class MappingForm(forms.Form):
    """Which column of the file is which of ours."""

    def __init__(self, data: Any = None, *, header: list[str], kind: str, options: dict[str, Any]) -> None:
        super().__init__(data)
        self.kind, self.table = kind, str(options.get("table") or "")
        wanted = self._wanted()
        guessed = options.get("columns") or guess(header, list(wanted))
        choices = [("", "not in the file"), *((name, name) for name in dict.fromkeys(header) if name)]
        self.needed = set(REQUIRED if kind == "timelog" else columns_needed(self.table)) - {"programs"}
        for ours, meaning in wanted.items():
            self.fields[f"column_{ours}"] = forms.ChoiceField(
                choices=choices, required=ours in self.needed, label=ours.replace("_", " ").capitalize(),
                help_text=meaning, initial=guessed.get(ours, ""),
            )  # fmt: skip
        self._constants(options)

    def _wanted(self) -> dict[str, str]:
        if self.kind == "timelog":
            return {name: _MEANINGS.get(name, "") for name in SYNONYMS}
        return columns_wanted(self.table)

    def _constants(self, options: dict[str, Any]) -> None:
        """What holds for every row, where the file has no column for it."""
        told = options.get("constants") or {}
        if self.kind == "timelog":
            programs = [("", "from the file"), *((name, name.upper()) for name in PROGRAMS)]
            self.fields["every_program"] = forms.ChoiceField(
                choices=programs, required=False, label="Program of every row", initial=options.get("program", "")
            )
            return
        if self.table == ROSTER:
            payers = [("", "from the file"), *((name, name.replace("_", " ")) for name in policy().payers)]
            people = [
                ("", "from the file"),
                *((one.code, str(one)) for one in Person.objects.all() if one.is_practitioner),
            ]
            for name, choices in (("payer", payers), ("practitioner", people)):
                self.fields[f"every_{name}"] = forms.ChoiceField(
                    choices=choices,
                    required=False,
                    label=f"{name.capitalize()} of every row",
                    initial=told.get(name, ""),
                )
        self.fields["us_days"] = forms.BooleanField(
            required=False, label="Days are written month/day/year", initial=options.get("us_days", False)
        )

    def clean(self) -> dict[str, Any]:
        cells = super().clean() or {}
        chosen = [text for name, text in cells.items() if name.startswith("column_") and text]
        for text in {text for text in chosen if chosen.count(text) > 1}:
            for name in [name for name in cells if name.startswith("column_") and cells[name] == text][1:]:
                self.add_error(name, f"{text} is chosen twice; one column fills one of ours.")
        if self.kind == "timelog" and not (cells.get("column_programs") or cells.get("every_program")):
            self.add_error("every_program", "Choose the column of the program, or one program for every row.")
        return cells

    @property
    def options(self) -> dict[str, Any]:
        """How the file is to be read."""
        cells = self.cleaned_data
        columns = {
            name.removeprefix("column_"): text for name, text in cells.items() if name.startswith("column_") and text
        }
        if self.kind == "timelog":
            return {"columns": columns, "program": cells.get("every_program") or ""}
        constants = {
            name.removeprefix("every_"): text
            for name, text in cells.items()
            if name.startswith("every_") and text and name.removeprefix("every_") not in columns
        }
        return {"columns": columns, "constants": constants, "us_days": bool(cells.get("us_days"))}


class ServerForm(forms.Form):
    """How the electronic record's FHIR server is reached."""

    address = forms.CharField(
        max_length=300, label="Address", help_text="The base address, such as https://ehr.example/fhir."
    )
    client_id = forms.CharField(
        max_length=120,
        required=False,
        label="Client id",
        help_text="Given by the server; empty for one without sign-in.",
    )
    key = forms.FileField(
        required=False,
        label="Our private key (PEM)",
        help_text="Kept for the service alone and never shown again. Empty keeps the one that is here.",
    )
    kid = forms.CharField(max_length=120, required=False, label="Key id")
    algorithm = forms.ChoiceField(choices=[(one, one) for one in ALGORITHMS], label="Signs with")
    scope = forms.CharField(max_length=200, label="Scope", initial="system/*.rs")
    group = forms.CharField(
        max_length=120, required=False, label="Group", help_text="Id of the group of patients wanted; empty for all."
    )

    def clean_key(self) -> bytes | None:
        file = self.cleaned_data["key"]
        if file is None:
            return None
        if file.size > 20_000:
            raise forms.ValidationError("A private key is far smaller than this file.")
        pem: bytes = file.read()
        try:
            mark_of(pem)
        except ServerRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return pem
