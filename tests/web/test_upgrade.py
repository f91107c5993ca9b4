"""A database of the first schema, with people in it, comes to the latest schema and loses none of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.web.test_keeping import Clinic

pytestmark = pytest.mark.xdist_group("keeping")

SCRIPT = """
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

executor = MigrationExecutor(connection)
own = {app for app, _ in executor.loader.graph.nodes
       if (executor.loader.disk_migrations[next(n for n in executor.loader.graph.nodes if n[0] == app)]
           .__module__.startswith("careledger."))}
first = [node for node in executor.loader.graph.root_nodes() if node[0] in own]
# An app that came later stands on a later schema: it was not in the first release.
graph = executor.loader.graph
first = [node for node in first if all(before[0] not in own or before in first for before in graph.forwards_plan(node))]
assert ("accounts", "0001_initial") in first and ("patients", "0001_initial") in first
executor.migrate(first)
state = MigrationExecutor(connection).loader.project_state(first).apps
user = state.get_model("accounts", "User")
for number in range(7):
    user._base_manager.create(email=f"person{number}@clinic.example", password="!")
before = sorted(user._base_manager.values_list("pk", "email"))
house = state.get_model("tenancy", "Organisation")._base_manager.create(slug="first", name="First")
for number in range(5):
    state.get_model("patients", "Patient")._base_manager.create(organisation_id=house.pk, code=f"p{number}", family_name="Old")
executor = MigrationExecutor(connection)
last = executor.loader.graph.leaf_nodes()
assert set(first) != set(last)
executor.migrate(last)
from django.contrib.auth import get_user_model
after = sorted(get_user_model()._base_manager.values_list("pk", "email"))
assert after == before and len(after) == 7, (before, after)
from careledger.web.patients.models import Patient
from careledger.web.tenancy.models import Organisation
from careledger.web.tenancy.scope import acting_in
with acting_in(Organisation.objects.get(slug="first")):
    rows = list(Patient.objects.order_by("code").values_list("code", "family_name"))
assert rows == [(f"p{number}", "Old") for number in range(5)], rows
assert not MigrationExecutor(connection).migration_plan(last)
print("nothing lost")
"""


def test_rows_of_the_first_schema_reach_the_latest(tmp_path: Path) -> None:
    clinic = Clinic(tmp_path, "first")
    clinic.data.mkdir()
    kept = {**clinic.environment(), "DJANGO_SETTINGS_MODULE": "careledger.web.settings"}
    ran = subprocess.run([sys.executable, "-c", SCRIPT], env=kept, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "nothing lost" in ran.stdout
