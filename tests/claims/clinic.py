"""A made-up practice whose claims have left: what the tests of posting start from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tests.claims.cast import CCM, CONTRACTOR, SUBMITTER, line

from careledger.claims.config import PayerConfig
from careledger.claims.model import Claim
from careledger.claims.store import Store, export, put_claims

AT = datetime(2026, 11, 2, 8, 0)  # noqa: DTZ001 - the sender's local time
LATER = datetime(2026, 11, 16, 9, 0)  # noqa: DTZ001

FIRST = replace(CCM, lines=(line("99490", 6216), line("99439", 4693, 2)))
SECOND = replace(CCM, control_number="2610CCM000009", lines=(line("99490", 6216),))
EARLIER = replace(CCM, control_number="2609CCM000007", lines=(line("99490", 6216),), month="2026-09")
CLAIMS = (FIRST, SECOND, EARLIER)


def route(claim: Claim) -> PayerConfig:
    """Every claim goes to the contractor."""
    return PayerConfig(payer=claim.payer, receiver=CONTRACTOR)


def put(store: Store, claims: tuple[Claim, ...] = CLAIMS) -> None:
    """Put claims that nothing holds into the store."""
    put_claims(store, [(claim, ()) for claim in claims], AT)


def send(store: Store, folder: Path) -> list[Path]:
    """Send what is ready; the files that lie in the folder."""
    export(store, folder, SUBMITTER, route, AT, is_test=True)
    return sorted(folder.glob("*.x12"))


def sent(folder: Path, claims: tuple[Claim, ...] = CLAIMS) -> Iterator[Store]:
    """A store whose claims have left; for a fixture."""
    with Store.open(folder / "claims.db") as store:
        put(store, claims)
        send(store, folder / "out")
        yield store


def remittance(claims: str, paid: str, *, trace: str = "EFT9", npi: str = "1234567893", provider: str = "") -> bytes:
    """An 835 of one payment with the given claims' segments."""
    body = f"""ST*835*0001~
BPR*I*{paid}*C*ACH*CCP*01*011000015*DA*123456*1205296137**01*021000021*DA*987654321*20261115~
TRN*1*{trace}*1205296137~
DTM*405*20261114~
N1*PR*REGION CONTRACTOR*XV*13282~
N3*PO BOX 100~
N4*INDIANAPOLIS*IN*46204~
PER*BL*EDI HELP*TE*8005550100~
N1*PE*MAPLE PRIMARY CARE PC*XX*{npi}~
REF*TJ*123456789~
LX*1~
{claims.strip()}
{provider}"""
    segments = body.count("~")
    return f"""ISA*00*          *00*          *ZZ*13282          *ZZ*SUBMIT77       *261114*0800*^*00501*000000004*0*T*:~
GS*HP*13282*SUBMIT77*20261114*0800*4*X*005010X221A1~
{body}SE*{segments + 1}*0001~
GE*1*4~
IEA*1*000000004~
""".replace("\n\n", "\n").encode()


def paid(
    number: str, *, status: str = "1", sign: str = "", control: str = "1126306000011", member: str = "1EG4TE5MK73"
) -> str:
    """Claim segments: 62.16 charged, 48.12 paid, 12.52 left to the patient."""
    return f"""CLP*{number}*{status}*{sign}62.16*{sign}48.12*{"0" if sign else "12.52"}*MB*{control}*11*1~
NM1*QC*1*SMITH*ANN****MI*{member}~
SVC*HC:99490*{sign}62.16*{sign}48.12**{sign}1~
DTM*472*20261031~
CAS*CO*45*{sign}0.54**253*{sign}0.98~
CAS*PR*2*{sign}12.52~
"""


def denied(number: str, reason: str = "97", remark: str = "M86") -> str:
    """Claim segments: 62.16 charged, all of it refused."""
    return f"""CLP*{number}*4*62.16*0*0*MB*1126306000011*11*1~
NM1*QC*1*SMITH*ANN****MI*1EG4TE5MK73~
SVC*HC:99490*62.16*0**0~
DTM*472*20261031~
CAS*CO*{reason}*62.16~
LQ*HE*{remark}~
"""
