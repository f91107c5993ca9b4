"""Every screen, found by walking the clinic's links as each role, has nothing that axe-core finds to shut people out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Error
from tests.web.screens import sign_in
from tests.web.test_browser import address, browser

__all__ = ["address", "browser"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

ROLES = ("nurse", "practitioner", "biller", "compliance", "administrator")
_SIZES = ({"width": 1360, "height": 900}, {"width": 390, "height": 844})
_CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
_NOT_PAGES = (".pdf", ".csv", ".837", ".json", ".zip", ".txt", ".ndjson")
_FEWEST = 20


def screens(page: Any, address: str, known: set[str]) -> Iterator[tuple[str, bool]]:
    """Paths of screens, one of each view, by following links from Today, and whether no role before has seen the view."""
    waiting, walked = ["/"], set()
    while waiting:
        path = waiting.pop(0)
        name = _view_of(path)
        if name is None or name in walked:
            continue
        walked.add(name)
        try:
            answer = page.goto(address + path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            continue
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        yield path, name not in known
        known.add(name)
        found = page.eval_on_selector_all(
            "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
        )
        waiting += [link for link in found if link.startswith("/") and not link.startswith("//")]


def _view_of(link: str) -> str | None:
    path = urlsplit(link).path
    if path.endswith(_NOT_PAGES) or path.startswith(("/static/", "/api/", "/account/logout")):
        return None
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def faults(page: Any) -> set[str]:
    """What axe finds at desktop and phone width; in the dark, colours are looked at again."""
    said: set[str] = set()
    for size in _SIZES:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        said |= _found(Axe().run(page))
        page.emulate_media(color_scheme="dark")
        said |= _found(Axe().run(page, options=_CONTRAST))
    page.emulate_media(color_scheme="light")
    return said


def of_colours(page: Any) -> set[str]:
    """What axe finds wrong with colours: a role sees buttons on a screen that the one before did not."""
    page.set_viewport_size(_SIZES[0])
    return _found(Axe().run(page, options=_CONTRAST))


def _found(results: Any) -> set[str]:
    return {
        f"{one['id']}: {node['html'][:160]} ({' '.join(node['target'])})"
        for one in results.response["violations"]
        for node in one["nodes"][:3]
    }


def test_axe_finds_nothing_on_any_screen(address: str, browser: Any) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/account/login/")
    said = {f"login {one}" for one in faults(page)}
    known: set[str] = set()
    for role in ROLES:
        context.clear_cookies()
        sign_in(page, address, role)
        for path, is_new in screens(page, address, known):
            said |= {f"{role} {path} {one}" for one in (faults(page) if is_new else of_colours(page))}
    assert len(known) >= _FEWEST, known
    assert sorted(said) == []
    context.close()


def test_axe_would_find_a_fault(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<main><h1>A page</h1><input><p style='color:#ccc'>pale</p></main>")
    assert {one.split(":")[0] for one in faults(page)} >= {"label", "color-contrast", "html-has-lang"}
    page.close()
