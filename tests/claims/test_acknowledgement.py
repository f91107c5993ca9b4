"""Acknowledgements: what was taken, what was not, and where to mend it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.claims.remittances import CLAIM_ANSWER, REMITTANCE, SYNTAX_ANSWER

from careledger.claims.x12.acknowledgement import Answer
from careledger.claims.x12.findings import Finding
from careledger.claims.x12.read import NotReadable
from careledger.claims.x12.read_ack import read_acknowledgement
from careledger.cli.main import group


def steps(text: str) -> list[Finding | Answer]:
    return list(read_acknowledgement(io.BytesIO(text.encode())))


def answers(text: str) -> list[Answer]:
    found = steps(text)
    assert [step for step in found if isinstance(step, Finding)] == []
    return [step for step in found if isinstance(step, Answer)]


def test_a_syntax_answer_names_the_element_and_the_claim() -> None:
    interchange, taken, element, rejected, whole = answers(SYNTAX_ANSWER)
    assert (interchange.level, interchange.accepted, interchange.ours) == ("interchange", True, "000000001")
    assert (taken.ours, taken.accepted) == ("0001", True)
    assert (element.points_to, element.claim, element.accepted) == ("27 SV102", "2610CCM000009", None)
    assert (rejected.ours, rejected.accepted, rejected.codes) == ("0002", False, "R:5")
    assert (whole.level, whole.codes) == ("group", "P:2:2:1")


def test_an_interchange_can_be_rejected() -> None:
    first = answers(SYNTAX_ANSWER.replace("*A*000~", "*R*025~"))[0]
    assert first.accepted is False
    assert "received before" in first.says


def test_a_claim_answer_names_claims_lines_and_the_payers_number() -> None:
    batch, taken, refused, line = answers(CLAIM_ANSWER)
    assert (batch.level, batch.ours, batch.accepted) == ("receiver", "B20261102-0001", True)
    assert (taken.claim, taken.accepted, taken.payer_control) == ("2610CCM000001", True, "1126306000010")
    assert (refused.claim, refused.accepted, refused.amount_cents) == ("2610CCM000009", False, 6216)
    assert (line.level, line.line_id, line.points_to, line.codes) == ("line", "L1", "99490", "A7:507")
    assert "not valid on the day" in line.says


def test_counts_that_do_not_fit_are_found() -> None:
    for before, after in (("AK9*P*2*2*1", "AK9*P*3*2*1"), ("AK9*P*2*2*1", "AK9*A*2*2*2"), ("SE*11", "SE*12")):
        assert any(isinstance(step, Finding) for step in steps(SYNTAX_ANSWER.replace(before, after)))


def test_a_file_cut_anywhere_is_never_taken_for_whole() -> None:
    for text in (SYNTAX_ANSWER, CLAIM_ANSWER):
        for end in range(0, len(text) - 2, 13):
            try:
                assert any(isinstance(step, Finding) for step in steps(text[:end]))
            except NotReadable:
                continue


def test_it_refuses_what_is_no_acknowledgement() -> None:
    for text in ("", "hello", REMITTANCE, CLAIM_ANSWER.replace("005010X214", "005010X212")):
        with pytest.raises(NotReadable, match="segment"):
            steps(text)


@pytest.mark.parametrize(
    ("text", "status", "shows"),
    [(SYNTAX_ANSWER, 1, "at 27 SV102"), (CLAIM_ANSWER, 1, "REJECTED"), ("hello", 2, "")],
)
def test_the_command_shows_answers_and_sets_its_status(tmp_path: Path, text: str, status: int, shows: str) -> None:
    file = tmp_path / "answer.x12"
    file.write_text(text, encoding="ascii")
    result = CliRunner().invoke(group, ["claims", "ack", str(file), "--dry-run"])
    if status == 2:
        assert isinstance(result.exception, NotReadable)
    else:
        assert result.exit_code == status
    assert shows in result.output
