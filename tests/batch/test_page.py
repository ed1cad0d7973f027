"""The page to browse: all rows in it, nothing outside it, and no text that can act."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable

from PIL import Image

from agent.batch import Batch

Make = Callable[..., Batch]


def page(batch: Batch) -> str:
    return (batch.output / "index.html").read_text("utf-8")


def data(text: str, id: str) -> list:
    found = re.search(rf'<script type="application/json" id="{id}">(.*?)</script>', text, re.S)
    assert found
    return json.loads(found[1])


def test_every_row_is_there_and_leads_to_its_report(batch: Make):
    made = batch()
    made.run()
    rows = data(page(made), "rows")
    assert [row["id"] for row in rows] == ["why", "2", "again", "bad", "a b/ü"]
    for row in rows:
        assert (row["folder"] is None) == (row["status"] == "error")
        if row["folder"]:
            assert (made.output / row["folder"] / "report.html").is_file()
    assert "1 error" in page(made)


def test_a_row_cannot_put_markup_or_script_into_the_page(batch: Make):
    bad = "</script><script>alert(1)</script><img src=x onerror=alert(1)> Net-Plus?"
    made = batch([{"id": "x", "question": bad, "note": "<!--<script>"}])
    made.run()
    text = page(made)
    assert data(text, "rows")[0]["question"] == bad
    assert "<img" not in text and "alert(1)</script>" not in text and "<!--" not in text


def test_the_page_allows_itself_alone(batch: Make):
    made = batch()
    made.run()
    text = page(made)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy and policy[1].startswith("default-src 'none'; ")
    for kind, body in (
        ("style", re.search(r"<style>(.*?)</style>", text, re.S)),
        ("script", re.search(r"<script>(.*?)</script>", text, re.S)),
    ):
        assert body
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]
    assert not re.search(r"(?:src|href)=|https?:|@import|url\(", text)


def test_a_picture_that_many_rows_share_is_in_the_page_once(batch: Make, tmp_path):
    for name, colour in (("a.png", "red"), ("b.png", "blue")):
        Image.new("RGB", (300, 200), colour).save(tmp_path / name)
    given = [
        {"question": f"Is Net-Plus slow, {i}?", "images": name}
        for i, name in enumerate(("a.png", "b.png", "a.png"))
    ]
    made = batch(given)
    made.run()
    shots = data(page(made), "thumbnails")
    assert len(shots) == 2
    assert [row["shot"] for row in data(page(made), "rows")] == [0, 1, 0]
    assert all(base64.b64decode(shot)[8:12] == b"WEBP" for shot in shots)
