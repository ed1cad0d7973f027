"""The log: what goes in comes out, for several writers, and with a disk that is none."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.cli.log import Log, database
from agent.errors import InputError, LogError
from agent.types import REMEMBERED_TURNS, Report

Make = Callable[..., Report]


def test_an_answer_is_kept_whole_and_listed(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path / "new" / "folder")
    assert log.entries() == [] and not log.path.exists()  # reading makes nothing
    kept = report("Why no blur?")
    number = log.keep(kept)
    (entry,) = log.entries()
    assert (entry.id, entry.question, entry.status) == (number, "Why no blur?", "answered")
    assert (entry.cards, entry.session, entry.seconds) == (("mimo",), None, 0.5)
    assert Report.model_validate_json(log.report(number)) == kept
    assert log.report() == log.report(number)


def test_the_latest_come_last_and_as_many_as_wanted(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    for i in range(4):
        log.keep(report(f"question {i}"))
    assert [entry.question for entry in log.entries(2)] == ["question 2", "question 3"]
    assert len(log.entries(0)) == 4


def test_search_wants_every_word_in_question_or_answer(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    log.keep(report("Why no BLUR?", task="It deblurs; Größe bleibt."))
    log.keep(report("How fast?", task="Seconds, 100% sure."))
    for text, found in (
        ("blur", ["Why no BLUR?"]),
        ("blur größe", ["Why no BLUR?"]),
        ("GRÖSSE", ["Why no BLUR?"]),
        ("blur seconds", []),
        ("100%", ["How fast?"]),
        ("%", ["How fast?"]),  # a sign, not a wildcard
        ("_", []),
        ("'; DROP TABLE answers; --", []),
    ):
        assert [entry.question for entry in log.entries(text=text)] == found, text


def test_what_is_not_there_is_said(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    with pytest.raises(InputError, match="the history has no answer;"):
        log.report()
    log.keep(report())
    with pytest.raises(InputError, match="no answer 7"):
        log.report(7)


def test_keys_never_reach_the_file(
    tmp_path: Path, report: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "correct-horse-battery")
    log = Log(tmp_path)
    log.keep(report("Is correct-horse-battery or sk-abcDEF0123456789abc right?"), "s")
    content = log.path.read_bytes()
    assert b"correct-horse" not in content and b"sk-abc" not in content
    assert Report.model_validate_json(log.report()).question.text.count("[key removed]") == 2


@pytest.mark.skipif(os.name != "posix", reason="needs permissions as POSIX has them")
def test_others_cannot_read_it(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path / "data")
    log.keep(report())
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


def test_cleared_is_gone_from_the_disk(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    assert log.clear() == 0 and not log.path.exists()
    log.keep(report("a secret of mine"), "private session")
    assert log.clear() == 1
    assert log.entries() == [] and log.sessions() == []
    content = log.path.read_bytes()
    assert b"secret of mine" not in content and b"private session" not in content


# --- trouble ------------------------------------------------------------------------------------

WRITE = """
import sys
from pathlib import Path
from agent.cli.log import Log
from agent.types import Report
log, report = Log(Path(sys.argv[1])), Report.model_validate_json(sys.stdin.read())
for _ in range(int(sys.argv[2])):
    log.keep(report, "shared")
"""


def writer(folder: Path, report: Report, times: int, **more: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(folder), str(times)],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip
    assert process.stdin
    process.stdin.write(report.model_dump_json())
    process.stdin.close()
    return process


@pytest.mark.slow
def test_programs_and_threads_write_at_once_and_nothing_is_lost(
    tmp_path: Path, report: Make
) -> None:
    log = Log(tmp_path)
    processes = [writer(tmp_path, report("from a process"), 10) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: log.keep(report(f"from thread {i}")), range(20)))
    for process in processes:
        assert process.wait(60) == 0, process.stderr and process.stderr.read()
        assert process.stderr
        process.stderr.close()
    entries = log.entries()
    assert len({entry.id for entry in entries}) == len(entries) == 50
    assert len(log.entries(session="shared")) == 30


def test_a_killed_writer_leaves_a_log_that_can_be_read(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    log.keep(report("first"))
    process = writer(tmp_path, report("x" * 20_000), 10_000)
    while len(log.entries(3)) < 3:
        assert process.poll() is None
    process.kill()
    process.wait(30)
    assert process.stderr
    process.stderr.close()
    for text in (log.report(entry.id) for entry in log.entries()):
        Report.model_validate_json(text)
    log.keep(report("afterwards"))
    assert log.entries(1)[0].question == "afterwards"


def test_a_locked_log_is_an_error_and_waits_no_longer_than_it_should(
    tmp_path: Path, report: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(tmp_path)
    log.keep(report())
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    other = sqlite3.connect(log.path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LogError, match="another program is writing"):
        log.keep(report())
    with pytest.raises(LogError, match="another program is writing"):
        log.clear()  # which must not remove what another program is using
    other.close()
    assert len(log.entries()) == 1


def test_a_damaged_log_is_an_error_until_it_is_cleared(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    log.path.write_bytes(b"no database at all, but some bytes of something else" * 40)
    for use in (lambda: log.keep(report()), log.entries, log.report, log.latest_session):
        with pytest.raises(LogError, match="damaged; “groundglass logs clear” starts a new one"):
            use()
    log.clear()
    log.keep(report())
    assert len(log.entries()) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 30_000), st.binary(min_size=1, max_size=2_000))
def test_whatever_the_bytes_are_nothing_but_a_log_error_comes(
    tmp_path: Path, report: Make, where: int, noise: bytes
) -> None:
    log = Log(tmp_path)
    log.path.unlink(missing_ok=True)
    for i in range(3):
        log.keep(report(f"question {i}"))
    content = bytearray(log.path.read_bytes())
    content[where : where + len(noise)] = noise
    log.path.write_bytes(content)
    for use in (log.entries, lambda: log.keep(report()), lambda: log.session("s"), log.sessions):
        try:
            use()
        except LogError as error:
            assert str(log.path) in str(error) and "\n" not in str(error)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a limit on the size of files")
def test_a_full_disk_is_a_log_error_and_what_was_there_stays(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    log.keep(report("first"))
    limit = log.path.stat().st_size + 10_000
    program = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n" + WRITE
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), "1"],
        input=report("x" * 19_000).model_dump_json(), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("agent.errors.LogError: the history")
    assert "--no-log" in done.stderr.splitlines()[-1]
    assert [entry.question for entry in log.entries()] == ["first"]


def test_a_log_of_a_newer_version_is_left_alone(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    log.keep(report())
    with sqlite3.connect(log.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for use in (lambda: log.keep(report()), log.entries, log.clear):
        with pytest.raises(LogError, match="version 99"):
            use()
    assert log.path.exists()


def test_a_folder_in_the_way_is_a_log_error(tmp_path: Path, report: Make) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError, match="cannot be used"):
        Log(tmp_path / "file").keep(report())


# --- sessions -----------------------------------------------------------------------------------


def test_a_session_holds_its_turns_and_pictures(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    picture = tmp_path / "a b.png"
    log.keep(report("one"), "maps", [picture])
    log.keep(report("of another"), "posters")
    log.keep(report("two"), "maps", [picture])
    session = log.session("maps")
    assert [turn.question for turn in session.turns] == ["one", "two"]
    assert session.turns[0].cards == ("mimo",)
    assert session.images == (picture,)
    assert session.last and session.last.question.text == "two"
    assert log.latest_session() == session
    assert [(s.name, s.answers, s.question) for s in log.sessions()] == [
        ("posters", 1, "of another"),
        ("maps", 2, "one"),
    ]


def test_a_long_session_is_remembered_at_its_end(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    for i in range(REMEMBERED_TURNS + 3):
        log.keep(report(f"question {i}"), "long")
    turns = log.session("long").turns
    assert len(turns) == REMEMBERED_TURNS
    assert turns[-1].question == f"question {REMEMBERED_TURNS + 2}"


def test_an_answer_of_another_version_does_not_keep_a_session_from_going_on(
    tmp_path: Path, report: Make
) -> None:
    log = Log(tmp_path)
    log.keep(report("one"), "maps")
    with sqlite3.connect(log.path) as connection:
        connection.execute("UPDATE answers SET report = ?", (json.dumps({"old": 1}),))
    connection.close()
    session = log.session("maps")
    assert session.last is None and len(session.turns) == 1


def test_there_is_no_session_to_continue(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    log.keep(report("not in a chat"))
    with pytest.raises(InputError, match="no session to continue"):
        log.latest_session()


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x1b[2J", "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="is not a valid session name"):
        Log(tmp_path).session(name)


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names that are no UTF-8")
def test_a_picture_whose_name_is_no_utf8_is_no_trouble(tmp_path: Path, report: Make) -> None:
    log = Log(tmp_path)
    picture = Path(os.fsdecode(b"/tmp/\xff.png"))
    log.keep(report("one", picture), "odd", [picture])
    assert log.session("odd").images == (picture,)
