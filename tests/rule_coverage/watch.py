"""Reads of policy, counted while vignettes are answered, their claims made and checked, and a month of them closed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from careledger.policy.model import BASE, PolicyValue
from careledger.policy.store import Policy
from careledger.policy.view import PolicyView

Entry = tuple[str, str, date]
"""Layer, id and first day of a dated value."""

IN_CLOSES = "pairs_"
"""Files whose vignettes differ in one claim only: closes of their months read for them, which takes seconds."""


def entry_of(value: PolicyValue) -> Entry:
    return (value.layer, value.id, value.since)


@contextmanager
def reads() -> Iterator[set[Entry]]:
    """Every dated value that is looked at by name while the block runs.

    A sweep over all of a family's values (``all_of``) says nothing of any one of them, so it does not count.
    """
    found: set[Entry] = set()
    before = {name: getattr(PolicyView, name) for name in ("find", "peek", "activities")}
    timeline = Policy.timeline

    def find(view: PolicyView, id_: str) -> PolicyValue | None:
        note(view._values.get(id_))
        answer: PolicyValue | None = before["find"](view, id_)
        return answer

    def peek(view: PolicyView, id_: str) -> PolicyValue | None:
        value: PolicyValue | None = before["peek"](view, id_)
        note(value)
        return value

    def activities(view: PolicyView) -> Any:
        for id_, value in view._values.items():
            if id_.startswith("activities."):
                note(value)
        return before["activities"](view)

    def whole(policy: Policy, id_: str, layer: str = BASE) -> tuple[PolicyValue, ...]:
        values = timeline(policy, id_, layer)
        found.update(entry_of(value) for value in values)
        return values

    def note(value: PolicyValue | None) -> None:
        if value is not None:
            found.add(entry_of(value))

    watching: Mapping[str, Any] = {"find": find, "peek": peek, "activities": activities}
    for name, watched in watching.items():
        setattr(PolicyView, name, watched)
    Policy.timeline = whole  # type: ignore[method-assign]
    try:
        yield found
    finally:
        for name, unwatched in before.items():
            setattr(PolicyView, name, unwatched)
        Policy.timeline = timeline  # type: ignore[method-assign]


def answer_all(part: int = 0, parts: int = 1) -> None:
    """Vignettes alone: decided, written as the case format says, its lines made a claim and checked.

    Args:
        part: which of the parts that the vignettes are dealt out to.
        parts: how many parts there are.
    """
    from tests.vignettes.expand import all_vignettes, policy_of

    from careledger.engine.answer import as_json
    from careledger.engine.check import answer_case
    from careledger.facts.case import cases_of_text

    alone = [vignette for vignette in all_vignettes() if not vignette.file.startswith(IN_CLOSES)]
    for vignette in alone[part::parts]:
        (case,) = cases_of_text(json.dumps(vignette.case()), vignette.id)
        policy = policy_of(vignette)
        answer = answer_case(case, policy, on=vignette.today)
        as_json(answer)
        check_claims(case, answer, policy)


def check_claims(case: Any, answer: Any, policy: Policy) -> None:
    """The claims that a vignette's billable lines make, looked at by every numbered check."""
    from careledger.claims.build import DecidedRow, build_claims
    from careledger.claims.checks import Context, holds
    from careledger.claims.tables import ClaimRecords
    from careledger.engine.check import with_proposers

    records = with_proposers(case)
    patient = next((row.patient_id for row in records.get("patients", ())), "")
    rows = [
        DecidedRow(
            patient=patient, practitioner=line.decision.practitioner, code=line.decision.code,
            units=line.decision.units, month=case.month, date_of_service=line.on,
        )
        for line in answer.billable
    ]  # fmt: skip
    kept = ClaimRecords(
        people={row.person_id: row for row in records.get("people", ())},
        patients={row.patient_id: row for row in records.get("patients", ())},
        coverage=_by_patient(records.get("coverage", ())),
        conditions=_by_patient(records.get("conditions", ())),
        consents=_by_patient(records.get("consents", ())),
        stays=_by_patient(records.get("stays", ())),
        agencies=_by_patient(records.get("agency_episodes", ())),
    )
    for built in build_claims(rows, kept, (), _config(), policy):
        holds(built.claim, Context(policy=policy, sent_on=case.month.last_on + timedelta(days=3), facts=built.facts))


def close_all() -> None:
    """Closes of the months of the other vignettes, and of one with its end behind it: people of one shape together."""
    from tests.vignettes.expand import all_vignettes
    from tests.vignettes.test_in_one_close import closed

    months = {(one.month, one.today) for one in all_vignettes() if one.file.startswith(IN_CLOSES)}
    for month, today in sorted(months | {("2026-03", date(2026, 4, 3))}, key=str):
        closed(month, today)


def _by_patient(rows: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return {patient: tuple(listed) for patient, listed in found.items()}


def _config() -> Any:
    from tests.claims.cast import CCM, CONTRACTOR

    from careledger.claims.config import ClaimsConfig, PayerConfig

    return ClaimsConfig(payers={"medicare_ffs": PayerConfig(payer=CCM.payer, receiver=CONTRACTOR)})
