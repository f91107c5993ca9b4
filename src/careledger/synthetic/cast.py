"""Who works in the synthetic clinic, beside it and for it."""

from __future__ import annotations

from dataclasses import replace

from careledger.core.records import Person, Practice
from careledger.synthetic.draw import Draw, rows

PRACTICE = "lakeside"
OTHER_PRACTITIONER = "dr-stone"
OTHER_PRACTICE = "harborview"
BILLERS = ("dr-okafor", "dr-lindqvist", "np-alvarez")
BAD_NPI = "pa-brandt"
NURSES = ("rn-kim", "rn-osei", "rn-petrov")
STAFF = (*NURSES, "lpn-duarte", "ma-ortiz")
CONTRACTOR = "rn-vance"
CLERK = "clerk-moss"
EMPLOYED = (*STAFF, CONTRACTOR, CLERK)


def practices(draw: Draw) -> list[Practice]:
    """The clinic, a second practice that treats some of its patients, and a company that lends a nurse."""
    return [
        Practice(
            practice_id=row["practice_id"],
            name=row["name"],
            npi=draw.npi() if row["npi"] == "yes" else None,
            tax_id=f"07{draw.random.randrange(10**7):07d}" if row["npi"] == "yes" else None,
            taxonomy=row["taxonomy"] or None,
            address=row["address"] or None,
            city=row["city"] or None,
            state=row["state"] or None,
            zip=row["zip"] or None,
            phone=row["phone"] or None,
            setting=row["setting"],
            access_24_7=row["access_24_7"] == "true" or None,
            certified_ehr=row["certified_ehr"] == "true" or None,
        )
        for row in rows("practices")
    ]


def people(draw: Draw) -> list[Person]:
    """Practitioners and staff; one practitioner's NPI has a wrong check digit, so that their claims are held."""
    return [
        Person(
            person_id=row["person_id"],
            kind=row["kind"],
            practice_id=row["practice_id"],
            specialty=row["specialty"] or None,
            name=row["name"],
            credential=row["credential"] or None,
            npi=_npi(draw, row["npi"]),
            taxonomy=row["taxonomy"] or None,
            employment=row["employment"],
            works_with=tuple(row["works_with"].split()),
        )
        for row in rows("people")
    ]


def of_team(person_id: str, team: int) -> str:
    """Who does in a further team what a person does in the first."""
    return f"{person_id}-{team + 1}"


def teams(first: list[Person], working: set[str]) -> list[Person]:
    """The people of the further teams that have work."""
    found = [(one, code) for one in first for code in working if code.rpartition("-")[0] == one.person_id]
    return [
        replace(one, person_id=code, name=f"{one.name} {code.rpartition('-')[2]}")
        for one, code in sorted(found, key=lambda pair: (int(pair[1].rpartition("-")[2]), pair[0].person_id))
    ]


def _npi(draw: Draw, wanted: str) -> str | None:
    if wanted == "no":
        return None
    npi = draw.npi()
    return npi if wanted == "yes" else npi[:9] + str((int(npi[9]) + 1) % 10)
