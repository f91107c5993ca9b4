"""``python -m bench.claims``: claims files against a plain split of the same bytes, and against pyx12, in one run.

Made-up claims: one of two lines for each patient, every file from the same recipe. Seconds are the best of the repeats.
"""

from __future__ import annotations

import argparse
import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from careledger.claims.config import PayerConfig
from careledger.claims.model import Address, Claim, ClaimLine, Insured, Party, Payer, Receiver, Submitter
from careledger.claims.posting import post_835
from careledger.claims.store import Store, export, put_claims
from careledger.claims.x12.check_837p import FileCheck
from careledger.claims.x12.read_835 import read_835
from careledger.claims.x12.write_837p import Envelope, write_837p
from careledger.policy import load_policy

AT = datetime(2026, 11, 2, 8, 0)  # noqa: DTZ001 - X12 has the sender's local time
MEDICARE = Payer(name="MEDICARE PART B", number="13282", filing="MB", policy="medicare_ffs")
RECEIVER = Receiver(name="MEDICARE PART B", number="13282")
SUBMITTER = Submitter(name="MAPLE CARE BILLING", number="SUBMIT77", contact="JO BILLER", phone="5185550100")
HOME = Address(street="100 MAIN ST", city="ALBANY", state="NY", zip="122071234")
GROUP = Party(
    last="MAPLE PRIMARY CARE PC", is_person=False, npi="1234567893", taxonomy="207Q00000X", tax_id="123456789",
    address=HOME, phone="5185550111",
)  # fmt: skip
DOCTOR = Party(last="PROVIDER", first="PAT", npi="1982735460", taxonomy="207Q00000X")
_LETTERS = "ACDEFGHJKMNPQRTUVWXY"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what, seconds, and how many times the floor (or pyx12's share of it)."""

    what: str
    seconds: float
    ratio: float
    against: str


def claims(count: int) -> Iterator[Claim]:
    """Claims of as many patients, each with a base and an add-on."""
    since = date(2026, 10, 31)
    for at in range(count):
        number = f"2610B{at:08d}"
        patient = Insured(
            last=f"SAMPLE{_word(at)}", first=f"ANN{_word(at // 7)}", member_id=_member(at), born_on=date(1940 + at % 20, 4, 15),
            sex="F" if at % 2 else "M", address=replace(HOME, street=f"{1 + at % 900} OAK AVE", zip="12208"),
        )  # fmt: skip
        lines = (
            ClaimLine(code="99490", charge_cents=6216, since=since, until=since, pointers=(1, 2), line_id=f"{number}L1"),
            ClaimLine(
                code="99439", charge_cents=9386, since=since, until=since, pointers=(1, 2), units=Decimal(2),
                line_id=f"{number}L2",
            ),
        )  # fmt: skip
        yield Claim(
            control_number=number, payer=MEDICARE, insured=patient, billing=GROUP, rendering=DOCTOR, lines=lines,
            diagnoses=("E1165", "I10", "N1831"), place="11", month="2026-10",
        )  # fmt: skip


def _word(at: int) -> str:
    return "".join(_LETTERS[at // 20**place % 20] for place in range(3))


def _member(at: int) -> str:
    """A made-up number in the pattern of a Medicare number."""
    a, b, c = (_LETTERS[at // 20**place % 20] for place in range(3))
    return f"1{a}{b}4{c}{_LETTERS[at // 8000 % 20]}5MK{at % 100:02d}"


def file_837(count: int) -> bytes:
    """The claims as one 837P file."""
    stream = io.StringIO()
    envelope = Envelope(submitter=SUBMITTER, receiver=RECEIVER, created_at=AT, control=1, batch="B1", is_test=True)
    write_837p(stream, claims(count), envelope)
    return stream.getvalue().encode("ascii")


def file_835(count: int) -> bytes:
    """A remittance that pays them all."""
    parts = [_HEAD.format(paid=_dollars(count * 12082))]
    for claim in claims(count):
        patient = claim.insured
        names = (claim.control_number, patient.last, patient.first, patient.member_id)
        parts.append(_CLAIM.format(*names))
    body = "".join(parts)
    segments = body.count("~") - body[: body.index("ST*835")].count("~") + 1
    return f"{body}SE*{segments}*0001~\nGE*1*4~\nIEA*1*000000004~\n".encode("ascii")


def _dollars(cents: int) -> str:
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")


_HEAD = """ISA*00*          *00*          *ZZ*13282          *ZZ*SUBMIT77       *261114*0800*^*00501*000000004*0*T*:~
GS*HP*13282*SUBMIT77*20261114*0800*4*X*005010X221A1~
ST*835*0001~
BPR*I*{paid}*C*ACH*CCP*01*011000015*DA*123456*1205296137**01*021000021*DA*987654321*20261115~
TRN*1*EFT0001*1205296137~
DTM*405*20261114~
N1*PR*REGION CONTRACTOR*XV*13282~
N3*PO BOX 100~
N4*INDIANAPOLIS*IN*46204~
PER*BL*EDI HELP*TE*8005550100~
N1*PE*MAPLE PRIMARY CARE PC*XX*1234567893~
REF*TJ*123456789~
LX*1~
"""
_CLAIM = """CLP*{0}*1*156.02*120.82*31.44*MB*11{0}*11*1~
NM1*QC*1*{1}*{2}****MI*{3}~
MOA***MA01~
SVC*HC:99490*62.16*48.12**1~
DTM*472*20261031~
CAS*CO*45*0.54*1*253*0.98~
CAS*PR*2*12.52~
REF*6R*{0}L1~
AMT*B6*61.62~
SVC*HC:99439*93.86*72.7**2~
DTM*472*20261031~
CAS*CO*45*0.76*1*253*1.48~
CAS*PR*2*18.92~
REF*6R*{0}L2~
AMT*B6*93.1~
"""


def split(content: bytes) -> list[list[str]]:
    """The floor: the file as segments and elements, kept, and nothing looked at."""
    return [segment.split("*") for segment in content.decode("ascii").split("~")]


def best(*acts: Callable[[], object], rounds: int = 3) -> list[float]:
    """Seconds of the fastest run of each act; they take turns, since a machine's speed changes from minute to minute."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for place, act in enumerate(acts):
            start = time.perf_counter()
            act()
            taken[place].append(time.perf_counter() - start)
    return [min(runs) for runs in taken]


def measure(count: int = 10_000, *, with_pyx12: bool = True, repeats: int = 3) -> list[Row]:
    """Check, read, write and post, each with what it is compared with."""
    policy = load_policy()
    sent, remitted = file_837(count), file_835(count)
    made = list(claims(count))
    rows = []

    def check() -> None:
        found = [str(finding) for finding in FileCheck(policy).findings(io.BytesIO(sent))]
        if found:
            raise AssertionError(found[:3])

    def structure() -> None:
        found = [str(finding) for finding in FileCheck(policy, with_checks=False).findings(io.BytesIO(sent))]
        if found:
            raise AssertionError(found[:3])

    def read() -> None:
        for _ in read_835(io.BytesIO(remitted)):
            pass

    def write() -> None:
        envelope = Envelope(submitter=SUBMITTER, receiver=RECEIVER, created_at=AT, control=1, batch="B1")
        write_837p(io.StringIO(), made, envelope)

    acts = [lambda: split(sent), check, structure, *([lambda: _pyx12(sent)] if with_pyx12 else [])]
    floor, checked, parsed, *judged = best(*acts, rounds=repeats)
    rows.append(Row("check an 837P", checked, checked / floor, f"a plain split ({floor:.2f} s)"))
    rows.append(Row("its structure alone", parsed, parsed / floor, f"a plain split ({floor:.2f} s)"))
    for seconds in judged:
        rows.append(Row("pyx12: the same file's structure", seconds, seconds / parsed, "our check of structure"))
        rows.append(Row("", seconds, seconds / checked, "our whole check"))
    floor, taken = best(lambda: split(remitted), read, rounds=2 * repeats)
    rows.append(Row("read an 835", taken, taken / floor, f"a plain split ({floor:.2f} s)"))
    floor, taken = best(lambda: split(sent), write, rounds=2 * repeats)
    rows.append(Row("write an 837P", taken, taken / floor, f"a plain split ({floor:.2f} s)"))
    rows.append(_posting(made, remitted))
    return rows


def _pyx12(content: bytes) -> None:
    from pyx12.params import params
    from pyx12.x12n_document import x12n_document

    if not x12n_document(params(), io.StringIO(content.decode("ascii")), None, None, None):
        raise AssertionError("pyx12 does not accept the file")


def _posting(made: list[Claim], remitted: bytes) -> Row:
    policy = load_policy()
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "claims.db") as store:
        put_claims(store, [(claim, ()) for claim in made], AT)
        export(store, Path(folder), SUBMITTER, lambda claim: PayerConfig(payer=claim.payer, receiver=RECEIVER), AT)
        start = time.perf_counter()
        result = post_835(store, remitted, "bench.835", policy, AT)
        taken = time.perf_counter() - start
    if (result.state, result.claims) != ("posted", len(made)):
        raise AssertionError(result.reasons[:3])
    return Row("post the 835 into SQLite", taken, taken / 60, "a limit of 60 s")


def main() -> None:
    """Measure, print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--claims", type=int, default=10_000)
    options.add_argument("--no-pyx12", action="store_true")
    told = options.parse_args()
    print(f"{told.claims:,} claims of two lines")
    for row in measure(told.claims, with_pyx12=not told.no_pyx12):
        print(f"{row.what:<33} {row.seconds:8.2f} s  {row.ratio:6.2f} times {row.against}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    main()
