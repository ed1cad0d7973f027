"""`index.html`: all rows with search, filters and thumbnails, in one file.

The rows are data inside the page, rendered a screenful at a time. Style, script and thumbnails are
inline, too, and the content security policy forbids loading or running anything else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any, BinaryIO

from agent.batch.store import Done
from agent.report.formats import folder_formats

NAME = "index.html"
_HERE = Path(__file__).parent
_LONGEST = 600
_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{style_sum}'; script-src 'sha256-{script_sum}'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="tally">{tally}</p>
<form id="filters" role="search">
<input id="search" type="search" placeholder="Search questions, answers, ids" aria-label="Search">
<select id="status" aria-label="Status"><option value="">any status</option></select>
<select id="card" aria-label="System"><option value="">any system</option></select>
<label><input id="pictured" type="checkbox"> with picture</label>
<span id="count" class="count" aria-live="polite"></span>
</form>
<noscript><p>Browsing requires JavaScript; summary.csv has the same rows.</p></noscript>
<ol id="list"></ol>
<button id="more" type="button" hidden>Show more</button>
</main>
"""  # noqa: E501


def write(
    rows: Iterable[Done],
    statuses: Counter[str],
    reports: str,
    formats: Iterable[str],
    file: BinaryIO,
) -> None:
    """Write the page.

    Args:
        statuses: number of rows by status.
        reports: name of the folder with the report folders.
        formats: keys of the optional formats that each report has.
    """
    style, script = (_HERE.joinpath(f"page.{kind}").read_text("utf-8") for kind in ("css", "js"))
    total = sum(statuses.values())
    counts = (f"{count:,} {status.replace('_', ' ')}" for status, count in statuses.most_common())
    head = _PAGE.format(
        title=f"{total:,} questions" if total != 1 else "1 question",
        tally=escape(" · ".join(counts)),
        style=style,
        style_sum=_sum(style),
        script_sum=_sum(script),
    )
    thumbnails: dict[bytes, int] = {}
    file.write(head.encode())
    links = ((name, form.link) for name, form in folder_formats(formats) if form.link)
    _data("files", links, file)
    _data("rows", (_row(done, reports, thumbnails) for done in rows), file)
    _data("thumbnails", (base64.b64encode(webp).decode() for webp in thumbnails), file)
    file.write(f"<script>{script}</script>\n</body>\n</html>\n".encode())


def _row(done: Done, reports: str, thumbnails: dict[bytes, int]) -> dict[str, Any]:
    row, fields = done.task.row, done.fields
    shot = None
    if done.thumbnail:
        shot = thumbnails.setdefault(done.thumbnail, len(thumbnails))
    question = row.question
    return {
        "id": row.id,
        "status": fields["status"],
        "question": question if len(question) <= _LONGEST else f"{question[: _LONGEST - 1]}…",
        "summary": fields["summary"],
        "cards": fields["cards"],
        "images": row.images,
        "extra": " ".join(map(str, (row.extra or {}).values())),
        "folder": f"{reports}/{done.task.name}" if fields["report"] else None,
        "shot": shot,
    }


def _data(id: str, items: Iterator[Any], file: BinaryIO) -> None:
    """Write a JSON list for the script; no text in it can end the element."""
    file.write(f'<script type="application/json" id="{id}">[\n'.encode())
    for i, item in enumerate(items):
        text = json.dumps(item, ensure_ascii=False).replace("<", "\\u003c")
        file.write((",\n" * bool(i) + text).encode())
    file.write(b"\n]</script>\n")


def _sum(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
