from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from agent.errors import InputError
from agent.lab.training.pages import render

#: Writes its arguments to where the screenshot is wanted, and fails for a page that says so.
BROWSER = """#!/bin/sh
for argument; do case "$argument" in
  --screenshot=*) target="${argument#*=}" ;;
  file://*) page="${argument#file://}" ;;
esac; done
grep -q broken "$page" && exit 1
cat "$page" > "$target"
"""


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    browser = tmp_path / "bin" / "chromium"
    browser.parent.mkdir()
    browser.write_text(BROWSER)
    browser.chmod(browser.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{browser.parent}:/usr/bin:/bin")
    folder = tmp_path / "documents"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.html").write_text("<p>alpha")
    (folder / "deep" / "b.html").write_text("<p>beta")
    (folder / "kept-out.html").write_text("<p>secret")
    return folder


def quiet(_: str) -> None:
    return


def test_pages_are_fixed_by_the_seed(documents: Path, tmp_path: Path) -> None:
    looks = []
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        assert render([documents], tmp_path / name, 6, seed, report=quiet) == 6
        pages = sorted((tmp_path / name).iterdir())
        looks.append([page.read_text().partition("<style>")[2] for page in pages])
    assert looks[0] == looks[1] != looks[2]
    assert len(set(looks[0])) > 1


def test_held_out_documents_are_never_rendered(documents: Path, tmp_path: Path) -> None:
    render([documents], tmp_path / "out", 12, held_out=["kept"], report=quiet)
    texts = [page.read_text() for page in (tmp_path / "out").iterdir()]
    assert any("alpha" in text for text in texts) and any("beta" in text for text in texts)
    assert not any("secret" in text for text in texts)


def test_a_stopped_run_goes_on_and_a_page_that_fails_is_left_out(
    documents: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    render([documents], out, 2, report=quiet)
    (out / "page-00000.png").write_text("kept as it is")
    (documents / "a.html").write_text("broken")
    found = render([documents], out, 12, report=quiet)
    assert (out / "page-00000.png").read_text() == "kept as it is"
    assert 2 < found < 12


def test_a_page_that_takes_too_long_is_left_out(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = subprocess.run

    def impatient(command: list[str], *, timeout: float, **told: bool) -> object:
        if "alpha" in Path(command[-1].removeprefix("file://")).read_text():
            raise subprocess.TimeoutExpired(command, timeout)
        return run(command, timeout=timeout, **told)

    monkeypatch.setattr("agent.lab.training.pages.subprocess.run", impatient)
    found = render([documents], tmp_path / "out", 12, report=quiet)
    texts = [page.read_text() for page in (tmp_path / "out").iterdir()]
    assert 0 < found < 12 and not any("alpha" in text for text in texts)


def test_what_is_missing_is_named(
    documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no HTML files below"):
        render([tmp_path / "bin"], tmp_path / "out", 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="no browser was found, expected one of chromium"):
        render([documents], tmp_path / "out", 1)
