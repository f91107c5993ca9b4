"""The study on Spark gives the figures of the laptop, however the people and the files are dealt."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import pytest
from tests.oversight.test_study import TODAY, population

from careledger.oversight.study.run import Study, run_study
from careledger.oversight.study.spark import study_on_spark
from careledger.policy import load_policy

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def dealt(folder: Path) -> None:
    """The claims in two files, so that one person's lines lie in both."""
    whole = folder / "claims" / "part.csv"
    head, *rows = whole.read_text().splitlines(keepends=True)
    for name, part in (("a.csv", rows[::2]), ("b.csv", rows[1::2])):
        (folder / "claims" / name).write_text("".join([head, *part]))
    whole.unlink()


def told(study: Study) -> list[tuple[object, ...]]:
    return [tuple(round(one, 9) if isinstance(one, float) else one for one in astuple(f)) for f in study.figures]


def test_spark_gives_the_same_figures(tmp_path: Path) -> None:
    population(tmp_path)
    dealt(tmp_path)
    alone = run_study(tmp_path / "claims", tmp_path / "enrollment", load_policy(), TODAY)
    many = study_on_spark(
        tmp_path / "claims", tmp_path / "enrollment", TODAY, tmp_path / "aside", parts=3, master="local[2]"
    )
    assert len(alone.figures) > 30
    assert told(many) == told(alone)
    assert many.lines_by_code == alone.lines_by_code
    assert (many.loaded.lines, sorted(many.loaded.notes)) == (alone.loaded.lines, sorted(alone.loaded.notes))
    assert list((tmp_path / "aside").iterdir()) == []
