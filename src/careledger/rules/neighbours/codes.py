"""Requirements of neighbouring services: advance care planning, cognitive assessment, contacts, dialysis, what is never paid.

The first two are billed by what is recorded here. Of contacts and dialysis this program holds no record, so their codes are
refused where something stands against them and else left to a person; nothing touches them but a question.
"""

from __future__ import annotations

from collections.abc import Mapping

from careledger.rules import coverage
from careledger.rules.common import Rules, billed
from careledger.rules.neighbours import acp, cognitive, contacts, dialysis, never
from careledger.rules.program import payer
from careledger.rules.rule import Rule


def _talk(code: str, *own: Rule) -> Rules:
    return (
        coverage.code_in_force.of(code),
        payer.pays.of("acp", code),
        coverage.part_b,
        coverage.alive,
        payer.may_bill.of("acp"),
        coverage.biller_in_us,
        acp.voluntary,
        *own,
        acp.past_midpoint,
        acp.one_talk,
        acp.with_wellness,
        *billed(code),
    )


def _contact(code: str) -> Rules:
    return (
        contacts.in_force(code),
        contacts.pays.of(code),
        contacts.covered.of(code),
        coverage.part_b,
        coverage.alive,
        contacts.by_whom.of(code),
        coverage.biller_in_us,
        contacts.from_this_setting.of(code),
        *contacts.described(code),
        *billed(code),
    )


def _dialysis(code: str) -> Rules:
    return (
        coverage.code_in_force.of(code),
        coverage.part_b,
        coverage.alive,
        coverage.biller_in_us,
        dialysis.once_a_month.of(code),
        dialysis.beside_management.of(code),
        dialysis.visits_counted.of(code),
        *billed(code),
    )


DIALYSIS = tuple(str(number) for number in range(90951, 90971))
NEVER = ("99358", "99359", "99366", "99367", "99368")

REQUIREMENTS: Mapping[str, Rules] = {
    "99497": _talk("99497", acp.first_unit),
    "99498": _talk("99498", acp.add_on_units),
    "99483": (
        coverage.code_in_force.of("99483"),
        payer.pays.of("cognitive", "99483"),
        coverage.part_b,
        coverage.alive,
        cognitive.may_bill,
        coverage.biller_in_us,
        cognitive.held,
        cognitive.in_person,
        cognitive.decision_making,
        cognitive.impaired,
        cognitive.every_part,
        cognitive.long_enough_ago,
        cognitive.beside_wellness,
        *billed("99483"),
    ),
    **{code: _contact(code) for code in contacts.CODES},
    **{code: _dialysis(code) for code in DIALYSIS},
    **{code: (never.pays.of(code), never.held_here.of(code), coverage.part_b, coverage.alive) for code in NEVER},
}

TOUCHED: Mapping[str, tuple[str, ...]] = {"acp": ("99497", "99498"), "cognitive": ("99483",)}
