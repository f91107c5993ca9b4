"""Screenshots of every screen at desktop and phone width: ``python tests/web/screens.py ADDRESS FOLDER``, on a demo clinic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

SIZES = {"desktop": (1360, 900), "phone": (390, 844)}
PASSPHRASE = "lakeside demo clinic"


def sign_in(page: Any, address: str, role: str) -> None:
    page.goto(f"{address}/account/login/")
    page.fill("input[name=login]", f"{role}@lakeside.example")
    page.fill("input[name=password]", PASSPHRASE)
    page.click("button:has-text('Sign in') >> nth=0")
    page.wait_for_url(f"{address}/")


def shoot(address: str, folder: Path, dark: bool = False) -> list[str]:
    """Every screen as a picture; returns what the browser's console complained of."""
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (width, height) in SIZES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            )
            page = context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
            page.goto(f"{address}/account/login/")
            page.screenshot(path=folder / f"{name}-login.png")
            sign_in(page, address, "nurse")
            walk(page, address, folder, name)
            context.close()
        browser.close()
    return complaints


def walk(page: Any, address: str, folder: Path, name: str) -> None:
    """The nurse's screens."""
    screens = {"today": "/", "patients": "/patients/", "month": "/month/", "library": "/library/"}
    for screen, path in screens.items():
        page.goto(address + path)
        page.screenshot(path=folder / f"{name}-{screen}.png", full_page=screen == "month")
    page.goto(f"{address}/")
    page.click("[data-row] >> nth=0")
    page.wait_for_load_state()
    if page.locator("button:has-text('Start the timer')").count():
        page.click("button:has-text('Start the timer')")
        page.wait_for_load_state()
    page.screenshot(path=folder / f"{name}-patient.png", full_page=True)
    page.click("text=Decisions and proof")
    page.click("details.proof summary >> nth=0")
    page.screenshot(path=folder / f"{name}-proof.png", full_page=True)
    page.goto(f"{address}/time/timer/stop/")
    page.screenshot(path=folder / f"{name}-stop.png", full_page=True)
    page.goto(f"{address}/oversight/")
    page.screenshot(path=folder / f"{name}-closed.png")


if __name__ == "__main__":
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    for complaint in shoot(sys.argv[1], target, dark="dark" in sys.argv[3:]):
        print(complaint)
