"""In headless Chromium: the curtain over a page nobody sits at, and a passkey from first to last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.web.screens import PASSPHRASE, sign_in
from tests.web.test_browser import address, browser

__all__ = ["address", "browser"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_the_curtain_hides_the_page_keeps_what_was_typed_and_the_timer(address: str, page: Any) -> None:
    sign_in(page, address, "practitioner")
    page.goto(f"{address}/patients/")
    page.click("[data-row] >> nth=3")
    page.wait_for_url("**/patients/*/")
    if page.locator("[data-running='1']").count() == 0:
        page.click("button:has-text('Start the timer')")
        page.wait_for_selector("[data-running='1']")
    page.fill("#find", "half a word")
    page.evaluate(
        """fetch('/access/lock/', {method: 'POST', headers: {'HX-Request': 'true',
        'X-CSRFToken': JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRFToken']}})
        .then(() => window.dispatchEvent(new Event('focus')))"""
    )
    page.wait_for_selector("#lock[open]")
    assert not page.locator("main").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#lock[open]").count() == 1
    page.fill("#lock-word", "a guess")
    page.keyboard.press("Enter")
    page.wait_for_selector("#lock-said:not(:empty)")
    page.fill("#lock-word", PASSPHRASE)
    page.keyboard.press("Enter")
    page.wait_for_selector("#lock:not([open])", state="attached")
    assert page.locator("main").is_visible()
    assert page.input_value("#find") == "half a word"
    assert page.locator("[data-running='1']").count() == 1


def test_a_passkey_is_added_signs_in_alone_and_answers_who_is_there(address: str, page: Any) -> None:
    address = address.replace("127.0.0.1", "localhost")  # a passkey is bound to a name, not to a number
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, address, "compliance")
    page.goto(f"{address}/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.fill("input[name=password]", PASSPHRASE)
        page.click("button:has-text('Go on')")
    page.wait_for_selector("input[name=name]")
    page.fill("input[name=name]", "Desk key")
    if page.locator("input[name=passwordless]").count():
        page.check("input[name=passwordless]")
    page.click("main button:has-text('Add')")
    page.wait_for_url("**/2fa/**")
    page.wait_for_load_state()
    page.context.clear_cookies()
    page.goto(f"{address}/account/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/settings/api/new/")
    page.click("a:has-text('security key')")
    page.click("#mfa_webauthn_reauthenticate")
    page.wait_for_url("**/settings/api/new/")
    assert "API tokens" in page.content()
