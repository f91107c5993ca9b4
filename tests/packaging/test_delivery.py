"""What is delivered and how it is shut in: unit, image, list of parts, licences and weaknesses, and what is not in the source."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "careledger"
UNIT = (ROOT / "packaging" / "careledger.service").read_text("utf-8")
IMAGE = (ROOT / "packaging" / "Containerfile").read_text("utf-8")


@pytest.fixture
def dependencies() -> ModuleType:
    """scripts/dependencies as a module."""
    loader = importlib.machinery.SourceFileLoader("dependencies_script", str(ROOT / "scripts" / "dependencies"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def _answers(monkeypatch: pytest.MonkeyPatch, module: ModuleType, stdout: str, *, timeout: bool = False) -> None:
    def run(*_: Any, **__: Any) -> Any:
        if timeout:
            raise subprocess.TimeoutExpired("pip-audit", 120)
        return subprocess.CompletedProcess([], 0, stdout, "no network")

    monkeypatch.setattr(module.subprocess, "run", run)


def _told(*answers: dict[str, Any]) -> str:
    return json.dumps({"dependencies": list(answers)})


@pytest.mark.parametrize(("answer", "word", "plain", "release"), [
    ("", "NOT AUDITED", 0, 1),
    ("{}", "NOT AUDITED", 0, 1),
    (_told({"name": "a", "skip_reason": "unknown"}), "NOT AUDITED", 0, 1),
    (_told({"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "unknown"}), "NOT AUDITED: b", 0, 1),
    (_told({"name": "a", "version": "1", "vulns": []}), "audited: 1 packages, 0", 0, 0),
    (_told({"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}), "WEAK a 1: PYSEC-1", 1, 1),
])  # fmt: skip
def test_an_unanswered_audit_is_not_a_clean_one(
    dependencies: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    answer: str, word: str, plain: int, release: int,
) -> None:  # fmt: skip
    _answers(monkeypatch, dependencies, answer)
    for argv, status in ((["dependencies"], plain), (["dependencies", "--must-audit"], release)):
        monkeypatch.setattr(sys, "argv", argv)
        monkeypatch.setattr(dependencies, "installed", lambda: ({"click": distribution("click")}, set()))
        assert dependencies.main() == status
        assert word in capsys.readouterr().out


def test_an_audit_that_takes_too_long_says_so(
    dependencies: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _answers(monkeypatch, dependencies, "", timeout=True)
    assert dependencies.audit({}) == (False, False)
    assert "NOT AUDITED" in capsys.readouterr().out


def test_a_part_that_is_delivered_and_not_here_fails_the_report(
    dependencies: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _answers(monkeypatch, dependencies, _told({"name": "click", "version": "8", "vulns": []}))
    monkeypatch.setattr(dependencies, "installed", lambda: ({"click": distribution("click")}, {"ghost"}))
    monkeypatch.setattr(sys, "argv", ["dependencies"])
    assert dependencies.main() == 1
    assert "ghost" in capsys.readouterr().out
    monkeypatch.setattr(dependencies, "installed", lambda: ({}, set()))
    assert dependencies.main() == 1, "a report of nothing is no report"


@pytest.mark.parametrize(("told", "is_fit"), [
    ("MIT", True), ("Apache-2.0 OR GPL-3.0-only", True), ("GPL-3.0-only", False), ("AGPL-3.0", False), ("Proprietary", False),
    ("", False), ("GNU Affero General Public License v3", False), ("BSD-3-Clause", True), ("BUSL-1.1", False),
])  # fmt: skip
def test_a_licence_fits_or_is_refused(dependencies: ModuleType, told: str, is_fit: bool) -> None:
    from email.message import Message

    class Part:
        metadata = Message()

    Part.metadata["Name"] = "some-part"
    if told:
        Part.metadata["License-Expression"] = told
    assert dependencies.verdict(Part)[1].startswith("REFUSED") != is_fit


def test_what_is_delivered_has_fitting_licences(dependencies: ModuleType) -> None:
    found, missing = dependencies.installed()
    assert missing <= {"pyspark", "py4j"}, "an installation without Spark is one"
    assert len(found) > 30
    assert [name for name, dist in found.items() if dependencies.verdict(dist)[1].startswith("REFUSED")] == []


def test_the_list_of_parts_names_what_is_delivered(
    dependencies: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """``make package`` writes the list and checks it so; making it takes half a minute, which is no test's time."""
    recipe = (ROOT / "Makefile").read_text("utf-8")
    assert "-o dist/sbom.json" in recipe
    assert "scripts/dependencies --sbom dist/sbom.json" in recipe
    click = distribution("click")
    monkeypatch.setattr(dependencies, "installed", lambda: ({"click": click}, set()))
    monkeypatch.setattr(sys, "argv", ["dependencies", "--sbom", str(tmp_path / "sbom.json")])
    for version, status in ((click.version, 0), ("0.0", 1), (None, 1)):
        parts = [] if version is None else [{"name": "Click", "version": version}]
        (tmp_path / "sbom.json").write_text(json.dumps({"components": parts}))
        assert dependencies.main() == status
    assert f"LEFT OUT: click {click.version}" in capsys.readouterr().out


def test_the_unit_shuts_the_service_in() -> None:
    told = dict(line.split("=", 1) for line in UNIT.splitlines() if re.match(r"\w+=", line))
    for name in (
        "NoNewPrivileges",
        "ProtectHome",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectKernelModules",
        "RestrictSUIDSGID",
    ):
        assert told[name] == "yes", name
    assert told["ProtectSystem"] == "strict"
    assert told["CapabilityBoundingSet"] == told["AmbientCapabilities"] == ""
    assert told["User"] not in ("root", "nobody")
    assert told["UMask"] == "0077"
    assert "--bind 127.0.0.1:" in told["ExecStart"], "only the proxy reaches it"
    assert told["ExecStart"].endswith("careledger.web.wsgi")
    assert not re.search(r"(PASSWORD|SECRET|KEY)\w*=\S", UNIT)


def test_the_unit_is_one_that_systemd_reads(tmp_path: Path) -> None:
    from shutil import which

    if which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    unit = tmp_path / "careledger.service"
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", UNIT))
    ran = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "Unknown" not in ran.stderr, ran.stderr


def test_the_image_runs_as_nobody_in_particular_and_holds_no_secret() -> None:
    steps = re.findall(r"^([A-Z]+) (.*)$", IMAGE, re.M)
    assert [name for name, _ in steps].count("FROM") == 2, "what builds stays behind"
    assert dict(steps)["USER"].isdigit()
    assert int(dict(steps)["USER"]) >= 1000
    assert not re.search(r"(PASSWORD|SECRET|TOKEN|DATABASE_URL)", IMAGE)
    copied = [name for step, rest in steps if step == "COPY" and "--from" not in rest for name in rest.split()[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert not {".git", ".", "build", "tests"} & set(copied)


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-1[0-9A-Z]{20}|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{30}|clt_[A-Za-z0-9_-]{40}|"
    r"xox[bp]-[0-9A-Za-z-]{20}|postgres(?:ql)?://[^:\s'\"`]+:[^@\s'\"`]{3,}@(?!127\.0\.0\.1|localhost|host|\{)"
)


def test_no_secret_is_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout of git")
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    assert len(names) > 300
    assert not [name for name in names if re.search(r"(^|/)(secret_key|\.env|id_rsa|.*\.pem|.*\.sqlite3)$", name)]
    found = [name for name in names if (text := _text(ROOT / name)) and SECRETS.search(text)]
    assert found == []
    assert SECRETS.search("-----BEGIN " + "PRIVATE KEY-----")


def _text(file: Path) -> str:
    if file.stat().st_size > 2_000_000:
        return ""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call of the package by its plain or dotted name."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                yield str(file.relative_to(PACKAGE)), _name(node.func), node


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def test_no_code_is_made_of_data() -> None:
    """No eval, no shell, no pickle, no template out of a string, no SQL of the web application with anything put into it."""
    never = re.compile(
        r"^(eval|exec|compile|__import__|os\.system|os\.popen|pickle\.loads?|marshal\.loads?|yaml\.(load|unsafe_load|full_load)|"
        r"mark_safe|Template|.*\.from_string|.*\.objects\.raw|RawSQL)$"
    )
    calls = list(_calls())
    assert len(calls) > 5_000
    assert [(file, name) for file, name, _ in calls if never.match(name)] == []
    shells = [
        file for file, name, call in calls if "subprocess" in name or any(key.arg == "shell" for key in call.keywords)
    ]
    assert [file for file in shells if file.startswith("web/")] == []


def test_scripts_keep_nothing_in_the_browser() -> None:
    """Our own scripts; htmx keeps pages in its history cache unless told not to, which base.html does."""
    static = PACKAGE / "web" / "static" / "careledger"
    own = [file for file in static.rglob("*.js") if not file.name.endswith(".min.js")]
    assert own
    for file in own:
        text = file.read_text("utf-8")
        assert not re.search(r"localStorage|indexedDB|document\.cookie|\beval\(|new Function\(", text), file.name
    assert '"historyCacheSize": 0' in (PACKAGE / "web" / "templates" / "base.html").read_text("utf-8")
