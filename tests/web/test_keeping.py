"""Everything out and in again, and encrypted backups: run as commands on real databases, cut, altered and killed."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.xdist_group("keeping")
PEOPLE = 120


class Clinic:
    """A clinic in a data folder of its own, on SQLite or in a database of its own on the PostgreSQL of the tests."""

    def __init__(self, folder: Path, name: str) -> None:
        self.data = folder / name
        self.url = os.environ.get("DATABASE_URL")
        if self.url:
            self.url = self._database(f"keeping_{os.getpid()}_{folder.name}_{name}".replace("-", "_").lower()[:60])

    def _database(self, name: str) -> str:
        import psycopg

        with psycopg.connect(self.url or "", autocommit=True) as con:
            con.execute(f'DROP DATABASE IF EXISTS "{name}"')
            con.execute(f'CREATE DATABASE "{name}"')
        return urlsplit(self.url or "")._replace(path=f"/{name}").geturl()

    def environment(self) -> dict[str, str]:
        kept = {
            **os.environ,
            "CARELEDGER_DATA": str(self.data),
            "CARELEDGER_DEMO": "yes",
            "CARELEDGER_SECRET_KEY": "for tests",
        }
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        return {**kept, "DATABASE_URL": self.url} if self.url else kept

    def command(self, *told: object) -> list[str]:
        return [sys.executable, "-m", "careledger.web", *map(str, told)]

    def run(self, *told: object, fails: bool = False) -> str:
        done = subprocess.run(self.command(*told), env=self.environment(), capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """A small demo clinic with a file beside its database."""
    clinic = Clinic(tmp_path_factory.mktemp("filled"), "clinic")
    clinic.run("migrate", "-v0")
    clinic.run("load_demo", "--patients", PEOPLE)
    (clinic.data / "uploads").mkdir(exist_ok=True)
    (clinic.data / "uploads" / "era.835").write_text("ISA*")
    return clinic


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.glob("*.csv"))}


def test_everything_comes_back_identical(filled: Clinic, tmp_path: Path) -> None:
    says = filled.run("export_all", tmp_path / "out", "--with-sign-in")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert f"{sum(one['rows'] for one in manifest['files'].values()):,} rows" in says
    assert manifest["files"]["patients.patient.csv"]["rows"] >= PEOPLE

    again = Clinic(tmp_path, "again")
    assert "lakeside: holds" in again.run("import_all", tmp_path / "out")
    again.run("export_all", tmp_path / "twice", "--with-sign-in")
    assert contents(tmp_path / "out") == contents(tmp_path / "twice")


def test_the_dictionary_explains_every_column(filled: Clinic, tmp_path: Path) -> None:
    filled.run("export_all", tmp_path / "out")
    with (tmp_path / "out" / "dictionary.csv").open() as text:
        explained = {(row["table"], row["column"]): row for row in csv.DictReader(text)}
    for file in (tmp_path / "out").glob("*.*.csv"):
        with file.open() as text:
            for column in next(csv.reader(text)):
                assert explained[file.stem, column]["meaning"]
    assert explained["timers.timeentry", "patient_id"]["refers_to"] == "patients.patient"


def test_no_secret_leaves_with_a_plain_export(filled: Clinic, tmp_path: Path) -> None:
    filled.run("export_all", tmp_path / "out")
    with (tmp_path / "out" / "accounts.user.csv").open() as text:
        assert {row["password"] for row in csv.DictReader(text)} == {"!"}
    assert not (tmp_path / "out" / "mfa.authenticator.csv").exists()
    assert not (tmp_path / "out" / "api.apitoken.csv").exists()


def test_a_clinic_that_holds_something_is_not_overwritten(filled: Clinic, tmp_path: Path) -> None:
    filled.run("export_all", tmp_path / "out")
    assert "holds a clinic already" in filled.run("import_all", tmp_path / "out", fails=True)
    assert "not empty" in filled.run("export_all", tmp_path / "out", fails=True)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: (folder / "patients.patient.csv").unlink(), "missing"),
        (lambda folder: _cut(folder / "timers.timeentry.csv"), "altered or cut"),
        (lambda folder: _alter(folder / "patients.consent.csv"), "altered or cut"),
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest.json"),
        (lambda folder: _later(folder / "manifest.json"), "later version"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(filled: Clinic, tmp_path: Path, harm: object, words: str) -> None:
    filled.run("export_all", tmp_path / "out")
    harm(tmp_path / "out")  # type: ignore[operator]
    empty = Clinic(tmp_path, "empty")
    assert words in empty.run("import_all", tmp_path / "out", fails=True)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _alter(file: Path) -> None:
    file.write_text(file.read_text().replace("2026", "2025", 1))


def _later(file: Path) -> None:
    told = json.loads(file.read_text())
    told["migrations"].append(["patients", "9999_of_tomorrow"])
    file.write_text(json.dumps(told))


def test_a_backup_restores_on_another_machine_with_its_key_only(filled: Clinic, tmp_path: Path) -> None:
    public = filled.run("backup_key", tmp_path / "key").strip()
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    filled.run("backup", tmp_path / "clinic.backup", "--to", public)
    kept = (tmp_path / "clinic.backup").read_bytes()
    assert kept.startswith(b"age-encryption.org")
    assert b"Amberlake" not in kept
    assert b"patients" not in kept

    filled.run("backup_key", tmp_path / "other")
    elsewhere = Clinic(tmp_path, "elsewhere")
    assert "cannot be decrypted" in elsewhere.run(
        "restore", tmp_path / "clinic.backup", "--key", tmp_path / "other", fails=True
    )
    says = elsewhere.run("restore", tmp_path / "clinic.backup", "--key", tmp_path / "key")
    assert "lakeside: holds" in says
    assert (elsewhere.data / "uploads" / "era.835").read_text() == "ISA*"
    assert not list(elsewhere.data.glob(".keeping*"))

    filled.run("export_all", tmp_path / "one", "--with-sign-in")
    elsewhere.run("export_all", tmp_path / "two", "--with-sign-in")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("keep", [0, 100, 0.5, 0.999])
def test_a_cut_backup_is_refused_and_restores_nothing(filled: Clinic, tmp_path: Path, keep: float) -> None:
    public = filled.run("backup_key", tmp_path / "key").strip()
    filled.run("backup", tmp_path / "whole", "--to", public)
    whole = (tmp_path / "whole").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(keep * len(whole)) if keep < 1 else int(keep)])
    empty = Clinic(tmp_path, "empty")
    assert "cannot be decrypted" in empty.run("restore", tmp_path / "cut", "--key", tmp_path / "key", fails=True)
    assert not list(empty.data.glob(".keeping*"))


def test_a_key_that_is_none_and_no_key_are_told(filled: Clinic, tmp_path: Path) -> None:
    (tmp_path / "no-key").write_text("hello")
    assert "begins with age1" in filled.run("backup", tmp_path / "b", "--to", "hello", fails=True)
    assert "at least one key" in filled.run("backup", tmp_path / "b", fails=True)
    public = filled.run("backup_key", tmp_path / "key").strip()
    assert "never overwritten" in filled.run("backup_key", tmp_path / "key", fails=True)
    filled.run("backup", tmp_path / "b", "--to", public)
    assert "no private key" in Clinic(tmp_path, "x").run(
        "restore", tmp_path / "b", "--key", tmp_path / "no-key", fails=True
    )
    assert "exists" in filled.run("backup", tmp_path / "b", "--to", public, fails=True)


@pytest.mark.parametrize("after_s", [1.2, 2.0, 2.6])
def test_a_killed_restore_leaves_an_empty_clinic_that_restores_again(
    filled: Clinic, tmp_path: Path, after_s: float
) -> None:
    filled.run("export_all", tmp_path / "out", "--with-sign-in")
    target = Clinic(tmp_path, "target")
    process = subprocess.Popen(
        target.command("import_all", tmp_path / "out"),
        env=target.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    says = subprocess.run(
        target.command("import_all", tmp_path / "out"),
        env=target.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if says.returncode:
        assert "holds a clinic already" in says.stderr
    target.run("export_all", tmp_path / "again", "--with-sign-in")
    assert contents(tmp_path / "out") == contents(tmp_path / "again")


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="PostgreSQL has no database file beside which to write")
def test_a_backup_is_of_one_moment_while_people_write(filled: Clinic, tmp_path: Path) -> None:
    """A writer holds an open transaction and has written a row: the backup neither waits for it nor shows it."""
    con = sqlite3.connect(filled.data / "clinic.sqlite3", isolation_level=None)
    try:
        con.execute("BEGIN IMMEDIATE")
        con.execute("UPDATE tenancy_organisation SET name = 'changed' WHERE slug = 'lakeside'")
        filled.run("export_all", tmp_path / "out")
        assert "changed" not in (tmp_path / "out" / "tenancy.organisation.csv").read_text()
    finally:
        con.execute("ROLLBACK")
        con.close()


def test_a_full_disk_leaves_no_half_backup(filled: Clinic, tmp_path: Path) -> None:
    """The file system refuses to take more than a little: no backup, no rest of one."""
    public = filled.run("backup_key", tmp_path / "key").strip()
    limited = [
        "bash",
        "-c",
        f"ulimit -f 64; trap '' XFSZ; exec {' '.join(filled.command('backup', tmp_path / 'b', '--to', public))}",
    ]
    done = subprocess.run(limited, env=filled.environment(), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert not (tmp_path / "b").exists()
    assert not list(tmp_path.glob(".b.*"))
    assert not list(filled.data.glob(".keeping*"))


EXPORT_BY_BUTTON = """
import django
django.setup()
from careledger.web.intake import exports
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in

with acting_in(Organisation.objects.get(slug="lakeside")):
    name = exports.new_name()
    assert exports.make(name, lambda says: None) > 1000
    print(exports.archive_of(name))
"""


def test_the_export_of_one_organisation_is_a_whole_clinic_without_the_other(filled: Clinic, tmp_path: Path) -> None:
    kept = {**filled.environment(), "DJANGO_SETTINGS_MODULE": "careledger.web.settings"}
    made = subprocess.run(
        [sys.executable, "-c", EXPORT_BY_BUTTON], env=kept, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr[-3000:]
    archive = Path(made.stdout.strip())
    assert archive.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(archive) as found:
        found.extractall(tmp_path / "out")
    archive.unlink()
    with (tmp_path / "out" / "accounts.user.csv").open(encoding="utf-8") as text:
        users = list(csv.DictReader(text))
    assert "nurse@lakeside.example" in {row["email"] for row in users}
    assert "nurse@hillcrest.example" not in {row["email"] for row in users}
    assert {row["password"] for row in users} == {"!"}
    clinic = Clinic(tmp_path, "alone")
    assert "lakeside: holds" in clinic.run("import_all", tmp_path / "out")
