"""The wheel and the sdist as a stranger gets them: built, installed in a fresh place, and used there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    out = tmp_path_factory.mktemp("dist")
    # The back end is already here: without isolation nothing is downloaded.
    command = [sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return out


def _data_files() -> set[str]:
    package = ROOT / "src" / "careledger"
    kept = subprocess.run(["git", "ls-files", "src/careledger"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {str(Path(name).relative_to("src")) for name in kept.stdout.splitlines() if (ROOT / name).is_file()} | {
        str(file.relative_to(ROOT / "src")) for file in (package / "policy" / "data").rglob("*.yaml")
    }


def test_the_wheel_holds_every_file_of_the_package(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert _data_files() - names == set()
    assert not [name for name in names if name.startswith("tests/") or "__pycache__" in name]


def test_the_sdist_holds_what_a_wheel_is_made_of(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as source:
        names = {name.partition("/")[2] for name in source.getnames()}
    assert {f"src/{name}" for name in _data_files()} | {"pyproject.toml", "LICENSE", "README.md"} <= names
    assert not [name for name in names if name.startswith((".venv/", "build/", "dist/"))]


def test_an_installed_wheel_works_outside_the_repository(built: Path, tmp_path: Path) -> None:
    python = _installed(next(built.glob("*.whl")), tmp_path / "venv")
    tool = python.parent / "careledger"
    (tmp_path / "case.yaml").write_bytes((ROOT / "examples" / "first_case.yaml").read_bytes())
    assert "careledger" in _ran(tmp_path, tool, "--version")
    where = _ran(tmp_path, python, "-c", "import careledger; print(careledger.__file__)")
    assert str(tmp_path) in where
    assert "9949" in _ran(tmp_path, tool, "check", "case.yaml", allowed=(0, 1))
    _ran(tmp_path, tool, "policy", "lint")
    _ran(tmp_path, python, "-m", "careledger.web", "migrate")
    assert list((tmp_path / "data").glob("*.sqlite3"))


def test_the_sdist_makes_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """What a packager makes of the source is what we hand out, file by file."""
    source = next(built.glob("*.tar.gz"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], check=True, capture_output=True)
    ours, theirs = (zipfile.ZipFile(next(folder.glob("*.whl"))) for folder in (built, tmp_path))
    with ours, theirs:
        assert {one.filename: one.CRC for one in ours.infolist()} == {
            one.filename: one.CRC for one in theirs.infolist()
        }


def test_the_command_runs_from_a_link_as_pipx_lays_it_and_makes_the_demo(built: Path, tmp_path: Path) -> None:
    python = _installed(next(built.glob("*.whl")), tmp_path / "venv")
    link = tmp_path / "bin" / "careledger"
    link.parent.mkdir()
    link.symlink_to(python.parent / "careledger")
    told = _ran(tmp_path, link, "demo", "--out", "demo", "--patients", "120", "--binders", "1", allowed=(0, 1))
    assert "Chronic" in told or "2026-10" in told
    made = {str(file.relative_to(tmp_path / "demo")) for file in (tmp_path / "demo").rglob("*") if file.is_file()}
    assert {"summary.txt", "claims/totals.json", "claims/held.csv"} <= made
    assert [name for name in made if name.endswith(".x12")]
    assert [name for name in made if name.endswith(".pdf")]


def _installed(wheel: Path, venv: Path) -> Path:
    """The wheel in a fresh environment.

    Its dependencies are those of this environment, found by a path file, so that the test needs no network; every
    requirement of the web extra is checked to be met there.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, f"{wheel}[web]"], check=True, capture_output=True)
    site = next((venv / "lib").glob("python*")) / "site-packages"
    host = next(Path(one) for one in sys.path if one.endswith("site-packages"))
    (site / "host.pth").write_text(f"{host}\n")
    unmet = """
from importlib.metadata import requires, version
from packaging.requirements import Requirement
for line in requires('careledger'):
    need = Requirement(line)
    if need.marker is None or need.marker.evaluate({'extra': 'web'}):
        assert need.specifier.contains(version(need.name)), line
"""
    subprocess.run([str(python), "-c", unmet], check=True)
    return python


def _ran(folder: Path, *command: object, allowed: tuple[int, ...] = (0,)) -> str:
    kept = {"PATH": os.environ["PATH"], "HOME": str(folder), "CARELEDGER_DATA": str(folder / "data")}
    ran = subprocess.run([*map(str, command)], cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert ran.returncode in allowed, ran.stderr[-2000:]
    return ran.stdout + ran.stderr
