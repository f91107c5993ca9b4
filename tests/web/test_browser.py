"""Journeys in headless Chromium, on a demo clinic served as ``make serve`` serves it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.web.screens import sign_in

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A clinic of 120 invented patients in a server of its own; always on SQLite."""
    data = tmp_path_factory.mktemp("clinic")
    env = {
        **os.environ,
        "CARELEDGER_DATA": str(data),
        "CARELEDGER_DEMO": "yes",
        "DJANGO_SETTINGS_MODULE": "careledger.web.settings",
    }
    env.pop("DATABASE_URL", None)
    manage = [sys.executable, "-m", "careledger.web"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=env, check=True)
    subprocess.run([*manage, "load_demo", "--patients", "120"], env=env, check=True, stdout=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bind = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "1", "--log-level", "warning"]
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", *bind, "careledger.web.wsgi"], env=env)
    try:
        _wait(f"http://127.0.0.1:{port}/account/login/")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            urlopen(address).close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def test_it_shows_every_place_without_a_complaint_of_the_browser(address: str, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, address, "practitioner")
    for path in ("/", "/patients/", "/month/", "/oversight/", "/library/", "/account/2fa/", "/account/sessions/"):
        page.goto(address + path)
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert said == []
    context.close()


def test_it_runs_one_timer_in_two_tabs_and_logs_it_once(address: str, browser: Any) -> None:
    context = browser.new_context()
    first, second = context.new_page(), context.new_page()
    sign_in(first, address, "nurse")
    first.goto(f"{address}/")
    first.click("[data-row] >> nth=0")
    first.wait_for_url("**/patients/*/")
    first.click("button:has-text('Start the timer')")
    first.wait_for_selector("[data-running='1']")
    second.goto(f"{address}/")
    assert second.locator("[data-running='1']").count() == 1
    second.wait_for_selector("[data-seconds]:not(:text-is('00:00'))")
    second.click("[aria-label='Stop the timer and log']")
    second.select_option("select[name=activity]", "call_patient")
    second.click("[data-note] >> nth=0")
    second.click("button:has-text('Log the time')")
    second.wait_for_selector(".note.success")
    first.reload()
    assert first.locator(".timer").count() == 0
    context.close()


def test_it_works_by_keyboard_on_a_phone_and_shows_a_stranger_nothing(address: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{address}/patients/1/")
    assert "/account/login/" in page.url
    sign_in(page, address, "nurse")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/*/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nobody matches")
    context.close()


def test_it_writes_a_plan_signs_it_gives_it_and_prints_it(address: str, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, address, "nurse")
    page.goto(f"{address}/plans/?tab=none")
    page.click("[data-row] >> nth=0")
    page.click("text=Begin the plan")
    page.check("#t-hypertension")
    page.click("button:has-text('Begin the plan')")
    page.wait_for_selector("text=What the plan must have")
    plan = page.url
    while page.locator(".checklist .not_yet").count():
        words = page.locator(".checklist li:has(.not_yet) >> nth=0 >> .element").get_attribute("data-element")
        page.goto(f"{plan}texts/{words}/")
        page.fill("#id_text", "Talked over with the patient.")
        page.click("button:has-text('Save')")
        page.wait_for_url(plan)
    context.clear_cookies()
    sign_in(page, address, "practitioner")
    page.goto(plan)
    page.click("text=Look and sign")
    page.check("text=I have looked at the plan")
    page.click("button:has-text('Sign version')")
    page.click("text=Record the copy given")
    page.click("button:has-text('Record')")
    page.wait_for_selector("text=Recorded: the patient has a copy")
    printed = context.request.get(f"{plan}plan.pdf?lang=es&size=large")
    assert printed.body().startswith(b"%PDF-")
    context.close()
