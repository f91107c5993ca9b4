"""Enrol, consent, print: the journey in headless Chromium, on the demo clinic."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.screens import sign_in
from tests.web.test_browser import address, browser

__all__ = ["address", "browser"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_a_nurse_enrols_takes_consent_and_prints(address: str, browser: Any) -> None:
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, address, "nurse")
    page.click("nav.places a:has-text('Enrolment')")
    page.wait_for_selector("[data-row]")
    name = page.locator("[data-row]").first.inner_text()
    page.click("button:has-text('Invite') >> nth=0")
    page.wait_for_selector(".note.success")
    page.click(f"a[data-row]:has-text('{name}')")
    page.wait_for_selector("h2:has-text('Eligibility today')")
    assert page.locator(".chip.invited").count() >= 1
    page.click("a:has-text('Record consent')")
    page.check("input[name=said_cost_sharing]")
    page.select_option("select[name=form]", "verbal")
    page.click("nav[aria-label='Language of the text'] button[lang=es]")
    page.wait_for_selector("text=Solo se puede pagar")
    assert page.is_checked("input[name=said_cost_sharing]")
    assert page.input_value("select[name=form]") == "verbal"
    boxes = page.locator("input[name^=said_]")
    for place in range(boxes.count()):
        boxes.nth(place).check()
    page.click("button:has-text('Record the consent')")
    page.wait_for_selector(".note.success")
    assert page.locator(".chip.enrolled").count() >= 1
    with page.expect_download() as download:
        page.click("a:has-text('Print in Spanish')")
    with open(download.value.path(), "rb") as printed:
        assert printed.read(5) == b"%PDF-"
    assert said == []
    context.close()
