"""`make icons`: draw the app's PNG icons from their SVG, in the Chromium that tests drive.

The results are committed, so that nobody needs this but who changes the mark:

    static/icons/favicon.svg       app-192.png, app-512.png: with its own round corners
    static/icons/app-maskable.svg  app-maskable-192.png, app-maskable-512.png, app-180.png (iOS):
                                   to the edges, the mark within the safe zone of four fifths
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ICONS = Path(__file__).resolve().parent.parent / "static/icons"
DRAWINGS = {
    "app-192.png": ("favicon.svg", 192),
    "app-512.png": ("favicon.svg", 512),
    "app-maskable-192.png": ("app-maskable.svg", 192),
    "app-maskable-512.png": ("app-maskable.svg", 512),
    "app-180.png": ("app-maskable.svg", 180),
}
PAGE = '<style>* {{ margin: 0; display: block }}</style><div style="width:{0}px">{1}</div>'


def main() -> int:
    """Draw every icon; 1 where no Chromium is installed."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.stderr.write("Install Chromium to draw the icons.\n")
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (source, size) in DRAWINGS.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(PAGE.format(size, (ICONS / source).read_text(encoding="utf-8")))
            page.screenshot(path=ICONS / name, omit_background=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
