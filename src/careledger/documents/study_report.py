"""The utilisation study as a report: definitions first, then figures with intervals beside the published ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from careledger.documents.charts import Bar, bars
from careledger.documents.report import Piece, chart, heading, note, table, text
from careledger.oversight.study.definitions import definitions
from careledger.oversight.study.figures import DEFINITIONS, Figure

if TYPE_CHECKING:
    from careledger.oversight.study.run import Study
    from careledger.policy import Policy

_WORDS = {
    "eligible": "Eligible people", "any_ccm_rate": "Any CCM", "months_per_user": "Months per user", "claims_per_user": "Claims per user",
    "one_month_share": "One month only", "code_mix": "Code mix", "practitioner_share": "Practitioners billing CCM",
    "outside_practice_share": "Billed outside the attributed practice", "allowed_per_user": "Allowed per user",
    "allowed_per_practitioner": "Allowed per practitioner", "repeated_share": "Base code repeated in the month",
    "overlap_share": "Overlapping service in the month",
}  # fmt: skip
_CUTS = {
    "conditions": "by number of conditions",
    "dual": "by dual status",
    "region": "by region",
    "frailty": "by frailty markers",
    "kind": "by kind",
    "code": "by code",
}
_PUBLISHED = (
    "any_ccm_rate_2015_percent", "any_ccm_rate_2016_percent", "any_ccm_rate_2019_percent", "months_per_user", "one_month_percent",
    "outside_practice_percent", "practitioner_share", "overpaid_percent",
)  # fmt: skip


def study_report(study: Study, policy: Policy, on: date) -> dict[str, Any]:
    """What ``report_pdf`` and ``report_html`` take."""
    years = sorted({figure.year for figure in study.figures})
    told = f"{years[0]} to {years[-1]}" if years else "no year with members and services"
    return {
        "title": "Utilisation of care management",
        "subtitle": f"{told}; {study.loaded.lines:,} claim lines in {sum(shape != 'enrollment' for _, shape in study.loaded.files)} files",
        "practice": "CareLedger utilisation study",
        "foot": f"Prepared {on}. Intervals are 95% (Wilson for shares, Student for means).",
        "pieces": list(_pieces(study, policy, on, years)),
    }


def _pieces(study: Study, policy: Policy, on: date, years: list[int]) -> Iterator[Piece]:
    yield heading("By year")
    rate = "any_ccm_rate" if study.loaded.has_services else "eligible"
    for id_ in ("any_ccm_rate", "one_month_share") if study.loaded.has_services else ():
        found = study.of(id_)
        yield chart(bars(f"{_WORDS[id_]}, percent", [_bar(f, str(f.year)) for f in found], "%"))
    yield _figure_table([f for f in study.figures if f.cut == "all"])
    for cut in ("conditions", "dual", "region", "frailty"):
        found = study.of(rate, cut)
        if not found and not study.loaded.has_services:
            continue
        yield heading(f"{_WORDS[rate]} {_CUTS[cut]}")
        last = [f for f in found if years and f.year == years[-1]]
        yield chart(
            bars(
                f"{_WORDS[rate]} {_CUTS[cut]}, {years[-1] if years else ''}",
                [_bar(f, f.stratum) for f in last],
                "%" if study.loaded.has_services else "",
            )
        )
        yield _figure_table(found)
    if study.loaded.has_services:
        yield heading("Codes and practitioners")
        yield _figure_table([f for f in study.figures if f.cut in ("code", "kind")])
    yield heading("Published figures")
    view = policy.on(on)
    values = [view.value(f"house.published.{name}") for name in _PUBLISHED]
    rows = [
        [name.replace("_", " "), str(v.value), v.note or "", ", ".join(policy.source(c).locator for c in v.cite)]
        for name, v in zip(_PUBLISHED, values, strict=True)
    ]
    yield table(["figure", "value", "of whom", "source"], rows, [2.2, 1.3, 3, 2.2])
    yield note("These rates differ among themselves because their denominators differ; ours is defined below.")
    yield heading("Definitions")
    yield table(["figure", "definition"], [[_WORDS[id_], says] for id_, says in DEFINITIONS.items()], [1.4, 4])
    conditions = definitions()["conditions"]
    yield text(
        f"Conditions ({len(conditions)}): {', '.join(name.replace('_', ' ') for name in conditions)}. They are our own grouping of ICD-10-CM "
        "prefixes after the families of the CMS Chronic Conditions Data Warehouse, not its algorithm. Frailty counts kinds of markers "
        "(falls, gait, weakness, weight loss, dependence, ulcer, dementia, incontinence) on claims of the year before; it is no published index."
    )
    yield text(
        "Overlap and repeat follow the tests of OIG's reports of 2019 and 2021; which codes never go together is read from policy by date of service."
    )
    yield heading("What was read")
    yield table(["file", "shape"], [[name, shape] for name, shape in study.loaded.files], [4, 2])
    yield from (note(words) for words in study.loaded.notes)


def _bar(figure: Figure, name: str) -> Bar:
    return Bar(name, figure.value, figure.low, figure.high, f"({figure.numerator:,.0f} of {figure.denominator:,})")


def _figure_table(found: list[Figure]) -> Piece:
    rows = [
        [
            _WORDS[f.id] + ("" if f.cut == "all" else f": {f.stratum}"),
            str(f.year),
            _value(f),
            _interval(f),
            f"{f.numerator:,.0f}",
            f"{f.denominator:,}",
        ]
        for f in found
    ]
    return table(
        ["figure", "year", "value", "95% interval", "numerator", "denominator"],
        rows,
        [3.4, 0.8, 1.3, 1.9, 1.3, 1.4],
        (2, 3, 4, 5),
    )


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "empty"
    return {"percent": f"{figure.value:.2f}%", "dollars": f"${figure.value:,.2f}", "count": f"{figure.value:,.0f}"}.get(
        figure.unit, f"{figure.value:.2f}"
    )


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    low, high = (_value(replace(figure, value=bound)) for bound in (figure.low, figure.high))
    return f"{low} to {high}"
