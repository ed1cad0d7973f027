"""A report as PDF: all of it, and nothing from anywhere else."""

from __future__ import annotations

import io
from importlib.util import find_spec

import pytest
from PIL import ImageFile

from agent.errors import ConfigError
from agent.report import pdf

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("weasyprint") is None, reason="needs groundglass[pdf]"),
]


@pytest.fixture(scope="module")
def report(make):
    return make.report()


def test_text_and_links_are_in_it(report):
    pypdf = pytest.importorskip("pypdf")
    read = pypdf.PdfReader(io.BytesIO(pdf.to_pdf(report)))
    text = " ".join(page.extract_text() for page in read.pages)
    words = " ".join(text.split())
    for reference in report.answer.references:
        assert reference.title.split()[0] in words
    links = [
        note.get_object()["/A"].get("/URI")
        for page in read.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    ]
    assert any(link and link.startswith("https://") for link in links)


def test_the_same_report_gives_the_same_bytes(report):
    assert pdf.to_pdf(report) == pdf.to_pdf(report)


def test_pictures_that_are_cut_off_are_refused_after_it_too(report):
    pdf.to_pdf(report)
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_nothing_is_fetched(report, monkeypatch, tmp_path):
    picture = tmp_path / "secret.png"
    picture.write_bytes(b"no picture")
    page = f'<img src="{picture.as_uri()}"><img src="http://127.0.0.1:9/x.png"><p>text</p>'
    monkeypatch.setattr(pdf, "to_html", lambda _: page)
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *_: pytest.fail("fetched"))
    assert pdf.to_pdf(report).startswith(b"%PDF-")


def test_without_weasyprint_it_says_what_to_install(report, monkeypatch):
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="pip install"):
        pdf.to_pdf(report)
