"""Training pages of text: documents rendered by headless Chromium in many styles.

A style is a font, a size, a pair of colours and a pixel density, all drawn from the seed, so that a
machine with the same fonts renders the same pages again.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from agent.errors import InputError

SIZE = (1008, 804)
"""Width and height of a page in device pixels, multiples of 12 as training requires."""
#: CSS families; for those not installed the browser uses its default.
FONTS = (
    "DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "Liberation Sans", "Liberation Serif",
    "Liberation Mono", "Noto Sans", "Noto Serif", "Roboto", "Open Sans", "Lato", "Fira Code",
    "Inconsolata", "Carlito", "Caladea", "Noto Sans CJK JP", "Noto Serif CJK SC",
)  # fmt: skip
#: Text and background, light and dark.
COLOURS = (
    ("#000", "#fff"), ("#222", "#fff"), ("#333", "#fafafa"), ("#1a1a1a", "#f4ecd8"),
    ("#555", "#fff"), ("#eee", "#121212"), ("#d4d4d4", "#1e1e1e"), ("#839496", "#002b36"),
    ("#fff", "#0b3d91"), ("#c9d1d9", "#0d1117"),
)  # fmt: skip
DENSITIES = (1.0, 1.0, 1.5, 2.0, 3.0)
"""Device pixels per CSS pixel. High densities give large, clean letters, which reduction by 3 turns
into letters of 4 to 8 pixels."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 60


def render(
    documents: Sequence[Path],
    out: Path,
    count: int,
    seed: int = 0,
    held_out: Sequence[str] = (),
    report: Callable[[str], None] = print,
) -> int:
    """Render `count` pages, drawn from the HTML files below `documents`, as PNG files of `SIZE`.

    Files whose name begins with one of `held_out` are left for validation. Existing pages are kept,
    so that an interrupted run can be resumed. A page that the browser does not finish within a
    minute is left out.

    Returns:
        The number of pages in `out`.

    Raises:
        InputError: if there is no browser or no HTML file.
    """
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise InputError(f"no browser was found, expected one of {', '.join(_BROWSERS)} on PATH")
    sources = sorted(
        path
        for folder in documents
        for path in folder.rglob("*.html")
        if not path.name.startswith(tuple(held_out))
    )
    if not sources:
        raise InputError(f"no HTML files below {', '.join(map(str, documents))}")
    out.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        target = out / f"page-{number:05d}.png"
        if not target.exists():
            rng = np.random.default_rng([seed, number])
            _screenshot(browser, sources[rng.integers(len(sources))], target, rng)
        if (number + 1) % 20 == 0:
            report(f"{number + 1} of {count} pages")
    return len(list(out.glob("page-*.png")))


def _screenshot(browser: str, source: Path, target: Path, rng: np.random.Generator) -> None:
    density = float(rng.choice(DENSITIES))
    width, height = (round(side / density) for side in SIZE)
    text = source.read_text(encoding="utf-8", errors="replace")
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder, "page.html"), Path(folder, "page.png")
        page.write_text(f'<base href="{source.as_uri()}">{text}{_style(rng)}', encoding="utf-8")
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={folder}/profile", f"--window-size={width},{height}",
            f"--force-device-scale-factor={density}", f"--screenshot={picture}", page.as_uri(),
        ]  # fmt: skip
        with suppress(subprocess.TimeoutExpired):  # some documents are too long for layout
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        if picture.exists():
            shutil.move(picture, target)


def _style(rng: np.random.Generator) -> str:
    """Return a style sheet for the end of the page, scrolled past the common start of all pages."""
    colour, background = COLOURS[rng.integers(len(COLOURS))]
    recoloured = f"color:{colour}!important;background:{background}!important;"
    font, size = FONTS[rng.integers(len(FONTS))], int(rng.integers(10, 23))
    weight = int(rng.choice([400, 400, 400, 300, 700]))
    scroll = int(rng.integers(0, 1200))
    return (
        f"<style>*{{font-family:'{font}'!important;position:static!important;"
        f"font-weight:{weight};{recoloured if rng.random() < 0.6 else ''}}}"
        f"body{{font-size:{size}px!important;margin-top:-{scroll}px!important}}"
        "img,svg{display:none}</style>"
    )
