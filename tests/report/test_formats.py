"""One row makes a format: everything that offers formats goes by the table."""

from __future__ import annotations

import ast
import io
import mimetypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from rich.console import Console

from agent import Agent
from agent.batch import Batch
from agent.cli import main
from agent.cli.chat.conversation import Conversation
from agent.cli.log import Session
from agent.errors import ConfigError, InputError
from agent.report import formats as formats_module
from agent.report.folder import contents, write
from agent.report.formats import FORMATS, INDEX, Format
from agent.types import Report
from tests.grounding.ground import formats


def shout(report: Report) -> str:
    return report.question.text.upper()


def encode(report: Report) -> bytes:
    return shout(report).encode("utf-16")


def refuse() -> None:
    raise ConfigError("install the loud extra")


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Format]:
    """Adds a row, whose renderer is in a module of its own, for one test."""
    module = ModuleType("agent.report.shouted")
    vars(module).update(shout=shout, encode=encode, refuse=refuse)
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def add(**changes: object) -> Format:
        render = "agent.report.shouted:shout"
        row = Format("shouted", "Shouted", "text/plain", render)._replace(**changes)
        monkeypatch.setitem(FORMATS, row.key, row)
        return row

    return add


# --- a new row ------------------------------------------------------------------------------------


def test_a_new_format_can_be_printed_saved_and_browsed(
    add: Callable[..., Format], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(file="report.loud", link="loud")
    assert (
        main(["ask", "Which loss does MIMO-UNet+ use?", "-f", "shouted", "-o", str(tmp_path)]) == 0
    )
    assert capsys.readouterr().out == "WHICH LOSS DOES MIMO-UNET+ USE?\n"
    assert (tmp_path / "report.loud").read_text() == "WHICH LOSS DOES MIMO-UNET+ USE?\n"

    rows = tmp_path / "rows.txt"
    rows.write_text("Which loss does MIMO-UNet+ use?\n")
    made = Batch(str(rows), tmp_path / "batch")
    made.run()
    assert '["report.loud", "loud"]' in (made.output / "index.html").read_text()
    assert list(made.output.glob("reports/*/report.loud"))


def test_a_new_format_is_searched_by_the_hostile_input_suite(
    add: Callable[..., Format], make: SimpleNamespace
) -> None:
    add()
    assert dict(formats(make.report()))["Shouted"] == shout(make.report())


def test_a_new_bibliography_is_offered_by_the_chat(
    add: Callable[..., Format], make: SimpleNamespace
) -> None:
    add(bibliography=True)
    out, err = io.StringIO(), io.StringIO()
    session = Session("talk", last=make.report())
    talk = Conversation(Agent(), Console(file=out), Console(file=err, width=200), session)
    talk.take("/references shouted")
    assert out.getvalue() == f"{shout(make.report())}\n"
    talk.take("/references x")
    assert "expected bibtex, csl-json, shouted or nothing" in err.getvalue()


def test_an_optional_format_is_written_where_a_batch_asks_for_it_and_goes_with_the_wish(
    add: Callable[..., Format], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(render="agent.report.shouted:encode", file="report.loud", optional=True, binary=True,
        link="loud")  # fmt: skip
    rows = tmp_path / "rows.txt"
    rows.write_text("Which loss does MIMO-UNet+ use?\n")
    out = tmp_path / "out"
    for wish, there in (["-f", "shouted"], True), ([], False):
        assert main(["batch", str(rows), "-o", str(out), *wish]) == 0
        assert bool(list(out.glob("reports/*/report.loud"))) == there
        assert ("report.loud" in (out / "index.html").read_text()) == there
    with pytest.raises(SystemExit):
        main(["ask", "Which loss does MIMO-UNet+ use?", "-f", "shouted"])
    assert "invalid choice: 'shouted'" in capsys.readouterr().err


def test_a_format_that_cannot_be_made_here_is_refused_before_any_row_is_answered(
    add: Callable[..., Format], tmp_path: Path
) -> None:
    add(file="report.loud", optional=True, check="agent.report.shouted:refuse")
    rows = tmp_path / "rows.txt"
    rows.write_text("Which loss does MIMO-UNet+ use?\n")
    with pytest.raises(ConfigError, match="install the loud extra"):
        Batch(str(rows), tmp_path / "out", formats=("shouted",)).run()
    assert not (tmp_path / "out").exists()


def test_the_file_of_a_new_format_is_no_name_for_a_picture(
    add: Callable[..., Format], make: SimpleNamespace, tmp_path: Path
) -> None:
    loud = make.report(pictures={"report.loud": make.png()})
    write(loud, tmp_path / "out")
    add(file="report.loud", optional=True)
    with pytest.raises(InputError, match="picture name"):
        contents(loud)


# --- the rows that there are ------------------------------------------------------------------


def test_keys_and_files_are_unique_and_the_index_is_among_them() -> None:
    files = [row.file for row in FORMATS.values() if row.file]
    assert len(set(files)) == len(files) and INDEX in files
    assert all(key == row.key == key.lower() for key, row in FORMATS.items())
    assert not FORMATS["json"].optional


@pytest.mark.parametrize("key", FORMATS)
def test_a_media_type_is_one_by_which_others_know_the_file(key: str) -> None:
    row = FORMATS[key]
    kind, _, name = row.media_type.partition("/")
    assert kind in ("text", "application") and name
    usual = mimetypes.guess_type(row.file or "")[0]
    assert usual in (None, row.media_type) or row.media_type.endswith("+json")
    assert row.binary == (kind == "application" and "json" not in name)


@pytest.mark.parametrize("key", FORMATS)
def test_every_function_that_the_table_names_is_in_this_room(key: str) -> None:
    row = FORMATS[key]
    for path in filter(None, (row.render, row.check)):
        module, _, name = path.partition(":")
        assert module.startswith("agent.report.")
        source = Path(formats_module.__file__).with_name(f"{module.rpartition('.')[2]}.py")
        assert name in {getattr(node, "name", "") for node in ast.parse(source.read_text()).body}


def test_every_text_format_renders_every_report(make: SimpleNamespace) -> None:
    for report in (make.report(), make.abstaining()):
        for row in FORMATS.values():
            if not row.binary:
                assert row.content(report) == f"{row.text(report)}\n".encode()


def test_the_table_imports_no_renderer() -> None:
    code = (
        "import sys, agent.report.formats; "
        "print([name for name in sys.modules if name.startswith('agent.')], "
        "'dataclasses' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "['agent.report', 'agent.report.formats'] False\n"
