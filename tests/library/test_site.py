"""The documentation site: in step with policy, every link leads somewhere, searchable without a server."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import careledger.library.site as site
from careledger.cli.library import library as command
from careledger.library.load import HERE, LibraryError, load_library
from careledger.policy import load_policy

POLICY = load_policy()
KEPT = HERE / "reference"


def test_the_reference_pages_are_up_to_date() -> None:
    day = date.fromisoformat((KEPT / "as_of.txt").read_text().strip())
    kept = {path.name: path.read_text(encoding="utf-8") for path in KEPT.glob("*.md")}
    fresh = site.reference_files(load_library(), POLICY.on(day))
    changed = sorted(name for name in kept.keys() | fresh.keys() if kept.get(name) != fresh.get(name))
    assert changed == [], f"run: careledger library reference {KEPT.relative_to(HERE.parents[2])} --on {day}"


def test_every_link_leads_to_a_page() -> None:
    files = site.site_files(load_library(), POLICY.on(date(2026, 11, 23)))
    for name, text in files.items():
        for target in re.findall(r"\]\(([^)#]+\.md)\)", text):
            path = (Path("/") / name).parent / target
            assert str(path.resolve()).lstrip("/") in files, (name, target)


def test_the_generator_builds_pages_and_an_offline_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = site.site_files
    some = ("index.md", "codes/index.md", "sources.md", "articles/ccm-program-oversight.md", "codes/99490.md")
    monkeypatch.setattr(site, "site_files", lambda *args: {name: whole(*args)[name] for name in some})
    monkeypatch.setattr(site, "_families", lambda _: {})
    site.write_site(load_library(), POLICY.on(date(2026, 11, 23)), tmp_path / "out")
    assert "status B" in (tmp_path / "out/articles/ccm-program-oversight.html").read_text()
    assert (tmp_path / "out/search/search_index.js").exists(), "the index must load without a server"
    foreign = re.findall(r'<(?:script|link)[^>]*(?:src|href)="https?:[^"]*"', (tmp_path / "out/index.html").read_text())
    assert foreign == [], "nothing may be loaded from another server"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(LibraryError, match="not empty"):
        site.write_site(load_library(), POLICY.on(date(2026, 11, 23)), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_searches_and_shows() -> None:
    run = CliRunner()
    assert "ccm-program-oversight" in run.invoke(command, ["search", "program", "oversight"]).output
    shown = run.invoke(command, ["show", "ccm-program-oversight", "--role", "patient", "--on", "2026-11-23"])
    assert shown.output.splitlines()[2] == "No"
    unknown = run.invoke(command, ["show", "ccm-programm"])
    assert isinstance(unknown.exception, LibraryError)
    assert "did you mean" in str(unknown.exception)
