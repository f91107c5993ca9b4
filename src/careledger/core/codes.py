"""Identifiers and code shapes: NPI, MBI, HCPCS, ICD-10-CM.

Each ``*_problem`` function returns None for a well-formed value, or what is wrong with it in words that do not repeat
the value (it may be patient data). They check shape and check digits, not whether a code is in force.
"""

from __future__ import annotations

import re
from functools import lru_cache

_HCPCS = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
_ICD10 = re.compile(r"[A-Z][0-9][0-9AB](\.?[0-9A-Z]{1,4})?")
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
_MBI = re.compile(
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9]"
    r"[AC-HJKMNP-RT-Y]{2}[0-9]{2}"
)


def npi_check_digit(first_nine: str) -> str:
    """The tenth digit of an NPI: Luhn over the nine digits with the prefix 80840 (45 CFR 162.406)."""
    total = 24  # what the constant prefix 80840 adds
    for place, figure in enumerate(reversed(first_nine)):
        digit = int(figure) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


@lru_cache(maxsize=10_000)
def npi_problem(npi: str) -> str | None:
    """What is wrong with a National Provider Identifier, or None."""
    if not (npi.isascii() and npi.isdigit()):
        return "an NPI has digits only"
    if len(npi) != 10:
        return f"an NPI has 10 digits, this has {len(npi)}"
    if npi[0] not in "12":
        return "an NPI starts with 1 or 2"
    if npi_check_digit(npi[:9]) != npi[9]:
        return "the NPI's check digit is wrong"
    return None


def mbi_problem(mbi: str) -> str | None:
    """What is wrong with a Medicare Beneficiary Identifier, or None (pattern: CMS MBI format)."""
    if len(mbi) != 11:
        return f"an MBI has 11 characters, this has {len(mbi)}"
    if _MBI.fullmatch(mbi) is None:
        return "the MBI does not have the pattern digit-letter-mixed-digit-letter-mixed-digit-letter-letter-digit-digit"
    return None


def hcpcs_problem(code: str) -> str | None:
    """What is wrong with the shape of a CPT or HCPCS code, or None."""
    return None if _HCPCS.fullmatch(code) else "a procedure code has five characters such as 99490 or G0181"


def icd10_problem(code: str) -> str | None:
    """What is wrong with the shape of an ICD-10-CM code, or None; with or without the point."""
    if _ICD10.fullmatch(code) is None:
        return "a diagnosis code has three to seven characters such as I10 or E11.22"
    return None


def icd10_plain(code: str) -> str:
    """An ICD-10-CM code as claims carry it: upper case, no point."""
    return code.replace(".", "").upper()


def taxonomy_problem(code: str) -> str | None:
    """What is wrong with the shape of a provider taxonomy code, or None."""
    return None if _TAXONOMY.fullmatch(code) else "a taxonomy code has ten characters and ends in X"
