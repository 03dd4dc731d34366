"""Takes the README's pictures of the chat, with documents made for them.

    python tests/taking_pictures.py --to docs

Writes ``screenshot.png`` (answers that differ, beside the text of one) and ``screenshot-page.png``
(a citation on its page, dark); needs Chromium.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from browser_fixtures import ARGUMENTS, find_browser, running_chat
from fpdf import FPDF
from patience import PATIENCE_SECONDS
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Page

WINDOW = {"width": 1440, "height": 900}
LEASE = """# Lease of the old mill

## Rent

The monthly rent of the old mill is 1,200 euros. It is due on the third day of each month.

## Deposit

The tenant pays a deposit of three months' rent. The landlord returns it within six weeks of the
day on which the keys are handed over.

## Notice

The period of notice is three months for the tenant and six months for the landlord. Notice is
given in writing.
"""
AMENDMENT = """# Amendment of 2025

## Rent

From January 2025 the monthly rent of the old mill is 1,450 euros. Everything else stays as it is.
"""
MANUAL = (
    (
        "Before the first start",
        "Check that the water in the system is free of air. The pressure gauge at the front must "
        "show at least 1.2 bar while the boiler is cold. Fill the system slowly through the tap "
        "below the gauge, and close the tap when the pressure has been reached.",
    ),
    (
        "Pressure",
        "The highest permitted pressure of the boiler is 2.5 bar when it is warm. The safety valve "
        "at the back opens by itself above that pressure, and water leaves through the drain. "
        "If the valve opens more than once a month, have the expansion tank checked by a fitter.",
    ),
    (
        "Service",
        "The boiler is serviced once a year by a fitter whom the maker has trained. The burner is "
        "cleaned, the electrode is replaced, and the values of the exhaust are written down.",
    ),
)


def main() -> None:
    """Take and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="a folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "house"
        write(folder)
        browser = playwright.chromium.launch(
            executable_path=find_browser(), headless=True, args=list(ARGUMENTS)
        )
        with running_chat(Path(name) / "index", str(folder)) as port:
            for dark, question, file in (
                (False, "What is the monthly rent of the old mill?", "screenshot.png"),
                (True, "What is the highest permitted pressure?", "screenshot-page.png"),
            ):
                page = browser.new_page(viewport=WINDOW, color_scheme="dark" if dark else "light")
                page.goto(f"http://localhost:{port}/" + ("?__theme=dark" if dark else ""))
                ask(page, question)
                page.screenshot(path=options.to / file)
                page.close()
        browser.close()


def write(folder: Path) -> None:
    """Write the documents."""
    (folder / "contracts").mkdir(parents=True)
    (folder / "contracts" / "lease-2023.md").write_text(LEASE, encoding="utf-8")
    (folder / "contracts" / "amendment-2025.md").write_text(AMENDMENT, encoding="utf-8")
    pdf = FPDF()
    pdf.set_title("Manual of the boiler")
    for heading, text in MANUAL:
        pdf.add_page()
        pdf.set_font("helvetica", style="B", size=20)
        pdf.cell(0, 14, heading, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("times", size=13)
        pdf.multi_cell(0, 6, text)
    pdf.output(str(folder / "boiler-manual.pdf"))


def ask(page: Page, question: str) -> None:
    """Ask, and open the first citation."""
    page.set_default_timeout(1_000 * PATIENCE_SECONDS)
    page.wait_for_selector(".lc-ready")
    box = page.locator("#lc-question textarea")
    box.fill(question)
    box.press("Enter")
    page.locator(".lc-mark").first.click()
    page.wait_for_selector("#lc-cited")
    page.wait_for_timeout(1_000)


if __name__ == "__main__":
    main()
