"""``careledger library review``: the workflow over a file."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from careledger.cli.library import library
from careledger.core.errors import CareLedgerError
from careledger.library.load import ARTICLES


def run(*words: str) -> tuple[str, BaseException | None]:
    """What was said, and what was raised."""
    answer = CliRunner().invoke(library, ["review", *words])
    return answer.output, answer.exception


def test_an_article_goes_from_submission_to_approval_by_two_people(tmp_path: Path) -> None:
    store = str(tmp_path / "acts.db")
    file = ARTICLES / "ccm-rounding.md"
    by = ("--store", store, "--role", "coder", "--by")
    assert run("submit", str(file), *by, "ann")[0].startswith("ccm-rounding: submitted, version 1")
    refused = run("act", "ccm-rounding", "begin-review", *by, "ann")[1]
    assert isinstance(refused, CareLedgerError)
    assert "author may not review" in str(refused)
    assert "under review" in run("act", "ccm-rounding", "begin-review", *by, "ben")[0]
    assert "approved" in run("act", "ccm-rounding", "approve", *by, "ben")[0]
    assert run("list", "--store", store)[0].startswith("ccm-rounding  approved, 1 versions")
    lines = run("history", "ccm-rounding", "--store", store)[0].splitlines()
    assert [line.split(": ")[1] for line in lines] == ["submit", "begin review", "approve"]
    assert "ann" not in "".join(lines)


def test_two_versions_are_compared(tmp_path: Path) -> None:
    store = str(tmp_path / "acts.db")
    text = (ARTICLES / "ccm-rounding.md").read_text(encoding="utf-8")
    for number, words in enumerate((text, text.replace("author: CareLedger contributors", "author: A clinic"))):
        file = tmp_path / f"{number}.md"
        file.write_text(words, encoding="utf-8")
        run("submit", str(file), "--store", store, "--role", "coder", "--by", "ann")
    said = run("diff", "ccm-rounding", "--store", store)[0]
    assert "+author: A clinic" in said
    assert "has 2 versions" in run("diff", "ccm-rounding", "--store", store, "--to", "9")[0]
