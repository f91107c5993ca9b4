"""Everything that takes a file: how large, how many, how often, from whom, and what is refused unread."""

from __future__ import annotations

import gzip
import inspect
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.cast import Cast
from tests.web.test_doors import VIEWS, own_views

from careledger.web import settings as house
from careledger.web.accounts import uploads
from careledger.web.intake.guard import MAX_MB
from careledger.web.oversight import study_views
from careledger.web.revenue.forms import MAX_MB as X12_MB

WORD = "a passphrase for tests"
DOORS = {
    "remit_post": ("/claims/remittances/post/", "biller", "file", {}),
    "remit_paper": ("/claims/remittances/paper/", "biller", "file", {}),
    "claims_answers": ("/claims/answers/", "biller", "file", {}),
    "imports": ("/settings/imports/", "administrator", "file", {"what": "fhir"}),
    "fhir_server": ("/settings/imports/server/", "administrator", "key", {"address": "https://ehr.example/fhir"}),
    "studies": ("/oversight/study/", "compliance", "claims", {}),
}
"""Every page that takes a file: address, who may, name of the file, and what else its form asks."""
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM
"file:///etc/passwd">]><Bundle xmlns="http://hl7.org/fhir">&b;&f;</Bundle>"""


def _takes_files(view: Any) -> bool:
    return "request.FILES" in inspect.getsource(inspect.unwrap(view)) or "_run(request)" in inspect.getsource(
        inspect.unwrap(view)
    )


def test_every_page_that_takes_a_file_is_known_and_limited_in_rate() -> None:
    found = {name: view for name, view in VIEWS if _takes_files(view)}
    assert set(found) == set(DOORS)
    for name, view in found.items():
        assert getattr(view, "limited", None) == "upload", name
    addresses = {view.name for view in own_views()}
    assert set(DOORS) <= addresses


@pytest.fixture
def signed_in(cast: Cast, as_role: Callable[[str], Client]) -> Callable[[str], Client]:
    """A client of a role that has just said who they are."""
    cache.clear()

    def client_of(role: str) -> Client:
        client = as_role(role)
        client.post("/account/reauthenticate/", {"password": WORD})
        return client

    return client_of


def _send(client: Client, name: str, content: bytes, file_name: str = "a.json") -> Any:
    path, _, field, more = DOORS[name]
    return client.post(path, {**more, field: SimpleUploadedFile(file_name, content)}, follow=True)


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("file_name", ["a.xml", "a.json", "a.csv", "a.ndjson"])
def test_xml_with_entities_is_refused_and_expanded_nowhere(
    signed_in: Callable[[str], Client], name: str, file_name: str
) -> None:
    """No reader of ours reads XML; what looks like it is no X12, no JSON, no YAML and no table."""
    answer = _send(signed_in(DOORS[name][1]), name, ENTITIES, file_name)
    page = answer.content.decode()
    assert answer.status_code in (200, 422)
    assert "root:" not in page
    assert "aaaaaaaaaa" not in page
    assert any(
        word in page for word in ("is no", "not a file", "takes files", "cannot be used", "belongs here", "no file")
    ), page


def test_no_module_of_ours_reads_xml() -> None:
    import re
    from pathlib import Path

    import careledger

    reads = re.compile(r"^\s*(from|import)\s+(xml|lxml|defusedxml|html\.parser|bs4)\b", re.M)
    root = Path(careledger.__file__).parent
    assert [str(file) for file in root.rglob("*.py") if reads.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("name", DOORS)
def test_what_is_too_large_for_the_clinic_is_refused_before_it_is_kept(
    signed_in: Callable[[str], Client], name: str, settings: Any
) -> None:
    settings.CARELEDGER_UPLOAD_MAX = 50_000
    client = signed_in(DOORS[name][1])
    assert _send(client, name, b"x" * 60_000).status_code == 400
    assert _send(client, name, b"x" * 1_000).status_code in (200, 422)


def test_a_stranger_may_send_no_large_file_to_any_address(cast: Cast, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 50_000
    for path in ("/", "/account/login/", DOORS["imports"][0], "/api/check"):
        client = Client(enforce_csrf_checks=True)
        without = client.post(path, {"file": SimpleUploadedFile("a.json", b"x" * 60_000)})
        assert without.status_code in (401, 403), "no token of a page: nothing is read"
        token = client.get("/account/login/").content.decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"csrfmiddlewaretoken": token, "file": SimpleUploadedFile("a.json", b"x" * 60_000)}
        assert client.post(path, form).status_code in (400, 401), path


def test_the_largest_form_holds_the_largest_upload_and_little_more() -> None:
    pages = [X12_MB * 1024**2, *(mb * 1024**2 for mb in MAX_MB.values()), study_views.MOST_BYTES]
    assert max(pages) < house.CARELEDGER_UPLOAD_MAX <= max(pages) + 10 * 1024**2
    assert django_settings.FILE_UPLOAD_HANDLERS[0] == "careledger.web.accounts.uploads.Quota"
    assert django_settings.DATA_UPLOAD_MAX_NUMBER_FILES <= 100
    assert django_settings.DATA_UPLOAD_MAX_NUMBER_FIELDS <= 1000


def test_a_form_of_too_many_files_or_fields_is_refused(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("biller")
    files = {f"file{number}": SimpleUploadedFile("a.x12", b"ISA") for number in range(101)}
    assert client.post(DOORS["remit_post"][0], files).status_code == 400
    assert client.post(DOORS["remit_post"][0], {f"f{number}": "x" for number in range(1001)}).status_code == 400


@pytest.mark.parametrize(("name", "size"), [("remit_post", X12_MB), ("claims_answers", X12_MB), ("remit_paper", 1)])
def test_each_page_has_its_own_smaller_limit(signed_in: Callable[[str], Client], name: str, size: int) -> None:
    large = b"ISA*" + b" " * (size * 1024**2)
    assert f"larger than {size} MB" in _send(signed_in("biller"), name, large).content.decode()


def test_files_sent_too_often_are_refused_whichever_page_takes_them(
    signed_in: Callable[[str], Client], settings: Any
) -> None:
    settings.CARELEDGER_RATES = {**settings.CARELEDGER_RATES, "upload": "2/m"}
    client = signed_in("biller")
    path, more = DOORS["remit_post"][0], {"act": "look"}
    answers = [client.post(path, {**more, "file": SimpleUploadedFile("a.x12", b"no")}).status_code for _ in range(3)]
    assert answers == [302, 302, 429]
    assert _send(client, "claims_answers", b"no").status_code == 429


def test_a_study_that_unpacks_to_too_much_is_refused(signed_in: Callable[[str], Client], monkeypatch: Any) -> None:
    monkeypatch.setattr(study_views, "MOST_UNPACKED", 100_000)
    bomb = gzip.compress(b"a,b\n" + b"\0" * 2_000_000)
    assert len(bomb) < 10_000
    page = _send(signed_in("compliance"), "studies", bomb, "claims.csv.gz").content.decode()
    assert "unpacks to more than" in page
    cut = _send(signed_in("compliance"), "studies", bomb[:50], "claims.csv.gz").content.decode()
    assert "cut or broken" in cut


def test_counting_what_a_file_unpacks_to_holds_little_of_it() -> None:
    import tracemalloc

    bomb = io.BytesIO(gzip.compress(b"\0" * 64 * 1024**2, 1))
    tracemalloc.start()
    try:
        assert uploads.unpacks_beyond(bomb, 63 * 1024**2)
        assert tracemalloc.get_traced_memory()[1] < 16 * 1024**2
    finally:
        tracemalloc.stop()
    bomb.seek(0)
    assert not uploads.unpacks_beyond(bomb, 64 * 1024**2)


@pytest.mark.parametrize(
    "name", ["../../up.json", "/etc/passwd.json", "..\\up.json", "a\x00b.json", "x" * 300 + ".json", "CON.json"]
)
def test_a_files_own_name_leads_nowhere(signed_in: Callable[[str], Client], name: str) -> None:
    answer = _send(signed_in("administrator"), "imports", b'{"resourceType": "Patient", "id": "p"}', name)
    assert answer.status_code in (200, 400, 422)
    data = django_settings.DATA
    assert not any((folder / "up.json").exists() for folder in (data, *data.parents))
    assert not list(data.rglob("*passwd*"))
