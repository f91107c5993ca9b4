"""The kinds of rows a chart holds that people write by hand: the table, its form, how a page names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

from careledger.web.billing.models import OtherClaim
from careledger.web.patients import forms
from careledger.web.patients import models as chart
from careledger.web.patients.fields import SentOnce
from careledger.web.patients.refusals import ChartRefused

Check = Callable[[chart.Patient, models.Model, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of row.

    Attributes:
        one: how a heading names one.
        told: what such a row changes, in a sentence.
        may_be_added: rows come into being here; else another page makes them.
        check: refuses what the other rows of the chart do not allow.
    """

    model: type[models.Model]
    form: type[SentOnce]
    one: str
    told: str = ""
    may_be_added: bool = True
    check: Check | None = None

    def initial(self, row: models.Model) -> dict[str, Any]:
        """A row as the form shows it."""
        return {
            name: _shown(getattr(row, name, None)) for name in self.form.base_fields if name not in ("once", "seen")
        }


def _shown(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.code
    if isinstance(value, bool):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def one_payer_a_rank(patient: chart.Patient, row: models.Model, cells: Mapping[str, Any]) -> None:
    """Two payers cannot both pay first at once: the month would not know whose rules hold."""
    for other in chart.Coverage.objects.filter(patient=patient, rank=cells["rank"]).exclude(pk=row.pk):
        if _meet(cells["since"], cells["until"], other.since, other.until):
            raise ChartRefused("another payer of the same rank covers these days; end that one first", "rank")


def one_row_a_code(patient: chart.Patient, row: models.Model, cells: Mapping[str, Any]) -> None:
    """A diagnosis stands once at a time."""
    for other in chart.Condition.objects.filter(patient=patient, icd10__iexact=cells["icd10"]).exclude(pk=row.pk):
        if _meet(cells["since"], cells["until"], other.since, other.until):
            raise ChartRefused("this diagnosis stands in the chart already; correct that row", "icd10")


def _meet(since: date | None, until: date | None, other_since: date | None, other_until: date | None) -> bool:
    return (since or date.min) <= (other_until or date.max) and (other_since or date.min) <= (until or date.max)


KINDS: Mapping[str, Kind] = {
    "coverage": Kind(
        chart.Coverage, forms.CoverageForm, "coverage", "Who pays decides which rules and fees hold.", check=one_payer_a_rank
    ),
    "conditions": Kind(
        chart.Condition, forms.ConditionForm, "condition",
        "Chronic conditions, how long they last and their risk decide who may be enrolled.", check=one_row_a_code,
    ),
    "visits": Kind(
        chart.Visit, forms.VisitForm, "visit", "A visit within the look-back, or one that opens the program, is asked for."
    ),
    "stays": Kind(chart.Stay, forms.StayForm, "stay", "No minute counts on a day in a facility."),
    "episodes": Kind(
        chart.AgencyEpisode, forms.EpisodeForm, "home health or hospice episode", "Care plan oversight follows it."
    ),
    "discharges": Kind(chart.Discharge, forms.DischargeForm, "discharge", "Transitional care follows it."),
    "claims": Kind(
        OtherClaim, forms.OtherClaimForm, "service billed", "What others bill may bar the same program here that month."
    ),
    "panel": Kind(
        chart.Panel, forms.PanelForm, "practitioner", "How the patient stands to this practitioner.", may_be_added=False
    ),
}  # fmt: skip
"""By the word of the address."""
