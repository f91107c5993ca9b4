"""Diagnoses: SNOMED CT to ICD-10-CM by a small table of our own, and whether a diagnosis is chronic, by which list."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from careledger.core.codes import icd10_plain


def icd10_for(snomed: str) -> str | None:
    """The ICD-10-CM code our table holds for a SNOMED CT concept; None when it does not know it."""
    return _snomed().get(snomed)


def chronic_basis(icd10: str) -> tuple[str, ...]:
    """The lists that call a diagnosis chronic: ``ccw`` (CMS Chronic Conditions Warehouse), ``ahrq`` (AHRQ indicator).

    The warehouse alone calls too much chronic, so one list is a hint and both together are taken as chronic; the
    clinician's word stands above either. Source: CCW and AHRQ CCIR v2023.1, as prefixes of codes.
    """
    code = icd10_plain(icd10)
    for length in range(len(code), 0, -1):
        flags = _chronic().get(code[:length])
        if flags is not None:
            return tuple(name for name, flag in zip(("ccw", "ahrq"), flags, strict=True) if flag)
    return ()


@cache
def _snomed() -> dict[str, str]:
    return {row["snomed"]: row["icd10"] for row in _rows("snomed_icd10.csv")}


@cache
def _chronic() -> dict[str, tuple[bool, bool]]:
    return {row["prefix"]: (row["ccw"] == "1", row["ahrq"] == "1") for row in _rows("chronic_icd10.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("careledger.fhir") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
