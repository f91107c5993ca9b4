"""Reading policy: what is in force, under whose overlay, and which reads a proof rests on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from careledger.core.errors import PolicyError
from careledger.policy import Policy, load_policy
from careledger.policy import load as loading

DAY = date(2026, 3, 31)
MINUTES = "ccm.clinical_staff_time.first_unit_minutes"


def test_a_value_comes_with_citation_and_dates(policy: Policy) -> None:
    value = policy.on(DAY).value(MINUTES)
    assert (value.value, value.since, value.until, value.confirmed, value.disputed) == (
        20, date(2015, 1, 1), None, True, False,
    )  # fmt: skip
    assert "mln909188" in value.cite
    assert policy.source("mln909188").issuer == "CMS"


def test_reading_collects_reads_in_order_once_and_may_be_nested(policy: Policy) -> None:
    view = policy.on(DAY)
    with view.reading() as outer:
        view[MINUTES]
        with view.reading() as inner:
            view.has("ccm.clinical_staff_time.add_on_limit")
            view[MINUTES]
        view[MINUTES]
    view["ccm.complex.add_on_limit"]
    assert [name for name, _ in outer] == [MINUTES, "ccm.clinical_staff_time.add_on_limit"]
    assert [name for name, _ in inner] == ["ccm.clinical_staff_time.add_on_limit", MINUTES]
    assert outer[0][1].value == 20


def test_an_absence_that_was_looked_at_is_part_of_the_proof(policy: Policy) -> None:
    view = policy.on(date(2019, 6, 1))
    with view.reading() as reads:
        assert not view.has("ccm.clinical_staff_time.add_on_code")
    assert [(name, value.absent) for name, value in reads] == [("ccm.clinical_staff_time.add_on_code", True)]


def test_what_is_not_there_says_why(policy: Policy) -> None:
    with pytest.raises(PolicyError, match="there is none on 2019-06-01"):
        policy.on(date(2019, 6, 1))["ccm.clinical_staff_time.add_on_code"]
    with pytest.raises(PolicyError, match="no policy value has this name"):
        policy.on(DAY)["ccm.clinical_staff_time.minuets"]
    with pytest.raises(PolicyError, match="no value is in force on 1999-01-01"):
        policy.on(date(1999, 1, 1))[MINUTES]
    with pytest.raises(PolicyError, match="no overlay has this name; known are commercial"):
        policy.on(DAY, payer="nobody")
    with pytest.raises(PolicyError, match="no policy file knows this code"):
        policy.on(DAY).code("99999")
    with pytest.raises(PolicyError, match="no source has this id"):
        policy.source("hearsay")


def test_a_value_is_read_as_what_it_is(policy: Policy) -> None:
    view = policy.on(DAY)
    assert view.number(MINUTES) == 20
    assert view.flag("cpo.claim.alone_on_claim") is True
    assert view.text("cpo.claim.agency_npi_ref") == "1J"
    assert view.words("ccm.complex.mdm_levels") == ("moderate", "high")
    for read, name, kind in (
        (view.number, "cpo.claim.alone_on_claim", "whole number"),
        (view.flag, MINUTES, "true or false"),
        (view.text, MINUTES, "word"),
        (view.words, MINUTES, "list"),
    ):
        with pytest.raises(PolicyError, match=kind):
            read(name)


@pytest.mark.parametrize(
    ("payer", "recognised", "unlisted"),
    [
        ("medicare_ffs", (), "no"),
        ("medicare_advantage", (), "human_decides"),
        ("medicaid", (), "human_decides"),
        ("commercial", (), "human_decides"),
        ("uhc_community_plan", ("99375", "99378", "99380"), "no"),
        ("ohio_medicaid", (), "no"),
    ],
)
def test_what_each_payer_does_with_the_cpt_oversight_codes(
    policy: Policy, payer: str, recognised: tuple[str, ...], unlisted: str
) -> None:
    view = policy.on(DAY, payer=payer)
    assert view.words("cpo.cpt.payer_recognises") == recognised
    assert view["cpo.cpt.when_unlisted"] == unlisted


def test_an_overlay_lies_over_its_kind_and_that_over_the_base(policy: Policy) -> None:
    view = policy.on(DAY, payer="independence_blue_cross")
    assert "99490" in view.words("ccm.payers.not_paid_separately")
    assert view.value("ccm.payers.not_paid_separately").layer == "independence_blue_cross"
    assert view.value("cpo.cpt.payer_recognises").layer == "commercial"
    assert view.value(MINUTES).layer == "base"
    assert policy.payer("independence_blue_cross").kind == "commercial"


def test_medicare_covers_exactly_the_codes_in_force(policy: Policy) -> None:
    for year in range(2018, 2028):
        view = policy.on(date(year, 7, 1))
        ccm = {code for code in policy.codes() if code in policy.topics["ccm.payers"].governs}
        assert set(view.words("ccm.payers.covered_codes")) == {code for code in ccm if view.code(code).exists}


def test_a_code_whose_dates_are_not_held_says_so(policy: Policy) -> None:
    assert policy.on(DAY).code("98960").exists is None
    assert policy.on(DAY).code("98960").status is None


def test_one_content_has_one_version_and_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = load_policy.__wrapped__(loading.DATA)
    (kept,) = (tmp_path / "careledger").iterdir()
    again = load_policy.__wrapped__(loading.DATA)
    assert first.version == again.version == load_policy().version
    assert first.version in kept.name
    assert [first.timeline(id_) for id_ in first.ids()] == [again.timeline(id_) for id_ in again.ids()]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"digest": "x", "policy": "{}"}', b"[]", b"\xff"])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    load_policy.__wrapped__(loading.DATA)
    (kept,) = (tmp_path / "careledger").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert load_policy.__wrapped__(loading.DATA).on(DAY)[MINUTES] == 20
    assert kept.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert load_policy.__wrapped__(loading.DATA).on(DAY)[MINUTES] == 20


def test_a_changed_file_is_read_anew(folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = folder()
    before = load_policy.__wrapped__(files)
    (files / "ccm/time.yaml").write_text((files / "ccm/time.yaml").read_text().replace("25", "26"))
    after = load_policy.__wrapped__(files)
    assert before.version != after.version
    assert (before.on(DAY)["ccm.time.minutes"], after.on(DAY)["ccm.time.minutes"]) == (25, 26)
