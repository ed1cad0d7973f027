"""The conversation: commands, follow-ups, errors that end nothing, and a real terminal."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from agent import Agent
from agent.cli import chat as chat_module
from agent.cli.chat import Conversation, chat, complete
from agent.cli.log import Log, Session, database
from agent.errors import ConfigError, InputError
from agent.registry import Registry
from agent.search import Index
from agent.types import Answer, Card, ParsedQuestion, Question, Reference, Report, Verification

LINKS = {"paper": "https://example.org/paper"}
CARDS = [
    Card(id="mimo", name="MIMO-UNet+", task="deblurring", summary="x", links=LINKS),
    Card(id="llavar", name="LLaVAR", task="reading", summary="x", links=LINKS),
]


def report(question: Question) -> Report:
    """Tells back what was asked."""
    images = ", ".join(image.name for image in question.images) or "no picture"
    turns = ", ".join(turn.question for turn in question.turns) or "nothing"
    return Report(
        question=question,
        parsed=ParsedQuestion(intent="fact"),
        answer=Answer(
            status="answered",
            task=f"Asked with {images} after {turns}.",
            references=(Reference(card="mimo", name="Mimo", title="A title", links=LINKS),),
        ),
        verification=Verification(statements=0),
        registry_sha256="0" * 64,
        settings_sha256="0" * 64,
        retrieval="hybrid",
        version="0",
        created="2026-01-01T00:00:00+00:00",
        seconds=0,
    )


class Talk:
    """A conversation with its output and the questions that reached the agent."""

    def __init__(
        self,
        ask: Callable[[Question], Report] = report,
        session: Session | None = None,
        log: Log | None = None,
    ) -> None:
        self.questions: list[Question] = []
        self.out, self.err = io.StringIO(), io.StringIO()
        self.registry = Registry.from_cards(CARDS)
        self.index = Index.build(self.registry, "no embedder")
        self.llm = None
        self._ask = ask
        self.conversation = Conversation(
            self,
            Console(file=self.out, width=100),
            Console(file=self.err, width=100),
            session or Session("talk"),
            log,
        )

    def sources(self, question: Question) -> Talk:
        return self

    def ask(self, question: Question, progress: object, on_statement: object) -> Report:
        self.questions.append(question)
        return self._ask(question)

    def take(self, *lines: str) -> bool:
        return all([self.conversation.take(line) for line in lines])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "my shot.png"
    path.write_bytes(b"x")
    return path


def test_a_follow_up_knows_what_was_asked_and_cited() -> None:
    talk = Talk()
    assert talk.take("Why no blur?", "and how fast is it?")
    assert talk.questions[0].turns == ()
    (turn,) = talk.questions[1].turns
    assert (turn.question, turn.cards) == ("Why no blur?", ("mimo",))
    assert "after Why no blur?." in talk.out.getvalue()


def test_a_follow_up_is_asked_as_a_question_that_stands_alone() -> None:
    talk = Talk()
    talk.take("How fast is MIMO-UNet+?", "and how many parameters?", "and LLaVAR?")
    assert [question.text for question in talk.questions] == [
        "How fast is MIMO-UNet+?",
        "How many parameters does MIMO-UNet+ have?",
        "How many parameters does LLaVAR have?",
    ]
    assert talk.questions[2].turns[1].question == talk.questions[1].text


def test_the_last_answer_can_be_looked_at_in_plain_words() -> None:
    talk = Talk()
    talk.take("How fast is MIMO-UNet+?", "repeat", "shorter", "more detail", "show me the table")
    talk.take("what was the first reference?", "are you sure?")
    assert len(talk.questions) == 1
    said = talk.out.getvalue()
    assert said.count("Asked with no picture after nothing.") == 3
    assert "The registry says no more about this." in said
    assert "Nothing was measured" in said
    assert "1. A title" in said
    assert "It is as reliable as its sources" in said
    assert talk.err.getvalue() == ""


@pytest.mark.parametrize("line", ["shorter", "repeat", "why?", "ok thanks", "hello"])
def test_small_talk_gets_a_line_and_is_no_turn(line: str) -> None:
    talk = Talk()
    talk.take(line, "How fast is it?")
    assert [question.text for question in talk.questions] == ["How fast is it?"]
    assert talk.questions[0].turns == ()
    assert talk.out.getvalue().splitlines()[0]


def test_what_failed_is_no_turn() -> None:
    def fail(question: Question) -> Report:
        raise ConfigError("no such registry")

    talk = Talk(fail)
    talk.take("one", "two")
    assert talk.questions[1].turns == ()


def test_a_picture_stays_until_it_is_cleared(picture: Path) -> None:
    talk = Talk()
    talk.take(f"/image {picture}", "one", "two", "/image clear", "three", "/image")
    assert [question.images for question in talk.questions] == [(picture,), (picture,), ()]
    assert f"Attached: {picture}" in talk.out.getvalue()
    assert "No picture is attached." in talk.out.getvalue()


@pytest.mark.parametrize(
    "form", ["/image '{}'", '/image "{}"', "/image {0} {0}", "/image file://{}", "{}"]
)
def test_a_picture_can_be_named_as_shells_and_desktops_do(picture: Path, form: str) -> None:
    path = str(picture).replace(" ", "\\ ") if "'" not in form and '"' not in form else str(picture)
    talk = Talk()
    talk.take(form.format(path), "one")
    assert talk.questions[0].images == (picture,)
    assert talk.err.getvalue() == ""


def test_a_picture_in_the_home_folder(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(picture.parent))
    talk = Talk()
    talk.take(f"/image ~/{picture.name}", "one")
    assert talk.questions[0].images == (picture,)


def test_what_is_no_file_is_not_attached(tmp_path: Path) -> None:
    talk = Talk()
    assert talk.take("/image none.png", f"/image {tmp_path}", "one")
    assert talk.questions[0].images == ()
    assert "none.png: there is no such file; name a picture" in talk.err.getvalue()
    talk.take("/image https://a.test/b.png")
    assert "is a network address" in talk.err.getvalue()
    assert "is a folder" in talk.err.getvalue()


def test_models_are_listed_and_searched() -> None:
    talk = Talk()
    talk.take("/models", "/models READ", "/models nothing like it")
    assert talk.out.getvalue().splitlines() == [
        "mimo  MIMO-UNet+: deblurring",
        "llavar  LLaVAR: reading",
        "llavar  LLaVAR: reading",
        "No system contains 'nothing like it'.",
    ]


def test_the_last_answer_can_be_saved(tmp_path: Path) -> None:
    talk = Talk()
    talk.take(f"/save {tmp_path / 'early'}", "one", "/save", f"/save {tmp_path / 'out'}")
    assert talk.err.getvalue().splitlines() == [
        "there is no answer yet; ask something first",
        "give a folder: /save FOLDER",
    ]
    assert (tmp_path / "out" / "report.md").is_file()
    assert not (tmp_path / "early").exists()


def test_the_last_answer_can_be_looked_at_closely() -> None:
    talk = Talk()
    talk.take("/why", "/evidence", "/references", "one", "/why", "/references", "/references x")
    assert talk.err.getvalue().splitlines() == [
        *["there is no answer yet; ask something first"] * 3,
        "/references x: expected bibtex, csl-json or nothing after it",
    ]
    assert "1. A title" in talk.out.getvalue()
    talk.take("/references bibtex")
    assert "title = {A title}" in talk.out.getvalue()


def test_the_model_can_be_changed_and_what_was_measured_stays(tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("- reply: {}\n")
    agent = Agent()
    out, err = io.StringIO(), io.StringIO()
    talk = Conversation(agent, Console(file=out, width=200), Console(file=err), Session(""))
    for line in ("/model", f"/model scripted:{script}", "/model openai:", "/model", "/model none"):
        talk.take(line)
    assert out.getvalue().splitlines() == [
        "No language model is set: answers are composed offline.",
        "scripted:script.yaml, not asked yet",
        "scripted:script.yaml, not asked yet",
        "No language model is set: answers are composed offline.",
    ]
    assert err.getvalue().count("\n") == 1 and "'openai:' has no name" in err.getvalue()
    named = agent.with_settings(model=f"scripted:{script}")
    assert named.result_cache is agent.result_cache and named.registry is agent.registry
    assert agent.settings.model is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/imgae x.png", "there is no command /imgae; did you mean /image? /help lists them all"),
        ("/zzz", "there is no command /zzz; /help lists them all"),
        ("/\x1b[2J", "there is no command /\\x1b[2J; /help lists them all"),
        ("/image 'x", "'x: there is no such file; name a picture"),
        ("a \x1b[2J question", "the question holds the control character U+001B"),
        ("x" * 30_000, "the question has 30,000 characters"),
    ],
)
def test_a_mistake_gets_one_line_and_ends_nothing(line: str, message: str) -> None:
    talk = Talk()
    assert talk.take(line, "What is blur?")
    (said,) = talk.err.getvalue().splitlines()
    assert message in said
    assert [question.text for question in talk.questions] == ["What is blur?"]


@pytest.mark.parametrize(
    "error",
    [
        InputError("shot.png: is no picture\nat all"),
        OSError(28, "No space left on device", "out"),
        MemoryError(),
        ZeroDivisionError("division by zero"),
    ],
)
def test_whatever_fails_is_one_line_and_ends_nothing(error: Exception) -> None:
    def fail(question: Question) -> Report:
        raise error

    talk = Talk(fail)
    assert talk.take("one", "two")
    lines = talk.err.getvalue().splitlines()
    assert len(lines) == 2
    assert "Traceback" not in lines[0]


def test_a_reader_that_has_gone_ends_it() -> None:
    def fail(question: Question) -> Report:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        Talk(fail).take("one")


@pytest.mark.parametrize("line", ["/quit", "/quit now", "quit", "exit", "/exit", " /quit "])
def test_ways_to_leave(line: str) -> None:
    assert not Talk().take(line)


def test_help_names_every_command() -> None:
    talk = Talk()
    talk.take("/help", "", "   ")
    for command in ("/image", "/models", "/save", "/help", "/quit"):
        assert command in talk.out.getvalue()
    assert talk.questions == []


def test_tab_completes_commands_and_files(picture: Path) -> None:
    assert complete("/im", "/im") == ["/image "]
    assert complete("why /im", "/im") == []
    folder = picture.parent
    assert complete(f"/image {folder}/my", f"{folder}/my") == [str(picture)]
    (folder / "new\x1b[2J.png").write_bytes(b"")
    (folder / "[a]").mkdir()
    assert complete(f"/save {folder}/[", f"{folder}/[") == [f"{folder}/[a]/"]
    assert complete(f"/image {folder}/new", f"{folder}/new") == []


# --- pipes ------------------------------------------------------------------------------------


def agent(cache: Path, ask: Callable[[Question], Report] = report) -> SimpleNamespace:
    registry = Registry.from_cards(CARDS)
    index = Index.build(registry, "no embedder")
    return SimpleNamespace(
        ask=lambda question, progress, on_statement: ask(question),
        llm=None,
        registry=registry,
        index=index,
        sources=lambda _: SimpleNamespace(registry=registry, index=index),
        settings=SimpleNamespace(cache=cache),
    )


def test_piped_questions_are_answered_in_markdown_without_a_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = b"Why no blur?\n/imgae\nand how fast?\n/quit\nnever asked\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert chat(agent(tmp_path), Session("talk"), None) == 0
    out, err = capsys.readouterr()
    assert out.startswith("# Why no blur?\n\n")
    assert "after Why no blur?." in out
    assert "never asked" not in out
    assert chat_module._GREETING not in out
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []  # no history of what came from a pipe


def test_the_first_picture_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        chat(agent(tmp_path), Session("talk"), None, images=(tmp_path / "none.png",))


# --- sessions -----------------------------------------------------------------------------------


def test_a_session_goes_on_where_it_was_left(tmp_path: Path, picture: Path) -> None:
    log = Log(tmp_path / "data")
    first = Talk(session=log.session("maps"), log=log)
    first.take(f"/image {picture}", "Why no blur?")
    second = Talk(session=log.session("maps"), log=log)
    second.conversation.greet()
    assert "Continuing session maps; your last question was: Why no blur?" in second.out.getvalue()
    second.take(f"/save {tmp_path / 'out'}", "and how fast is it?")
    assert (tmp_path / "out" / "report.md").is_file()
    (question,) = second.questions
    assert question.images == (picture,)
    assert [(turn.question, turn.cards) for turn in question.turns] == [("Why no blur?", ("mimo",))]
    assert [entry.session for entry in log.entries()] == ["maps", "maps"]


def test_a_picture_that_has_gone_is_left_out_of_a_session(tmp_path: Path, picture: Path) -> None:
    log = Log(tmp_path / "data")
    Talk(session=log.session("maps"), log=log).take(f"/image {picture}", "Why no blur?")
    picture.unlink()
    talk = Talk(session=log.session("maps"), log=log)
    assert f"{picture}: this picture of the session no longer exists" in talk.err.getvalue()
    talk.take("what is blur?")
    assert talk.questions[0].images == ()


def test_a_log_that_cannot_be_written_costs_a_line_and_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.0)
    log = Log(tmp_path)
    talk = Talk(session=log.session("maps"), log=log)
    log.path.write_bytes(b"this is no database, and long enough to be told from one" * 30)
    assert talk.take("one", "two")
    assert talk.out.getvalue().count("Asked with no picture") == 2
    first, second = talk.err.getvalue().splitlines()
    assert first == second and "the file is damaged" in first
    assert len(talk.questions[1].turns) == 1


# --- a terminal -------------------------------------------------------------------------------


class Terminal:
    """A person at a terminal in which `chat` runs in a process of its own."""

    def __init__(self, cache: Path) -> None:
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os._exit(_session(cache))
        self._seen = ""

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def until(self, text: str) -> str:
        """What came up to and with `text`; fails where it does not come."""
        while text not in self._seen:
            ready, _, _ = select.select([self._fd], [], [], 30)
            assert ready, f"{text!r} did not come, but {self._seen!r}"
            try:
                self._seen += os.read(self._fd, 4096).decode(errors="replace")
            except OSError:
                pytest.fail(f"the session ended before {text!r}, with {self._seen!r}")
        found, _, self._seen = self._seen.partition(text)
        return found + text

    def press(self, key: str, text: str) -> None:
        """Press a key until `text` comes: readline loses a signal between two looks at its input,
        and a person would press again."""
        for _ in range(15):
            self.type(key)
            if text in self._seen or select.select([self._fd], [], [], 2)[0]:
                break
        self.until(text)

    def close(self) -> None:
        os.close(self._fd)

    def code(self) -> int:
        """Exit code, once it ends by itself."""
        while True:
            try:
                if not os.read(self._fd, 4096):
                    break
            except OSError:  # how Linux says that the other end is closed
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _session(cache: Path) -> int:
    """In the child: chat with what the terminal gives."""
    # A test run in the background inherits that Ctrl-C is ignored; a person's shell never does.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def ask(question: Question) -> Report:
        if question.text == "endless":
            print("thinking", flush=True)
            threading.Event().wait()
        return report(question)

    try:
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
        os.environ.update(TERM="dumb", NO_COLOR="1")
        return chat(agent(cache, ask), Session("talk"), None)
    except BaseException as error:
        print(repr(error), file=sys.__stderr__)
        return 99


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    session = Terminal(tmp_path / "cache")
    yield session
    session.close()


def test_ctrl_d_ends_the_session_as_it_should(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until("/help shows the rest.")
    terminal.until("> ")
    terminal.type("Why no blur?\n")
    terminal.until("Asked with no picture after nothing.")
    terminal.until("\n> ")
    terminal.type("\x04")
    assert terminal.code() == 0
    assert (tmp_path / "cache" / "chat_history").read_text().endswith("Why no blur?\n")


def test_ctrl_c_drops_the_line_and_then_the_answer_but_never_the_session(
    terminal: Terminal,
) -> None:
    terminal.until("> ")
    terminal.type("half a que")
    terminal.until("half a que")
    terminal.press("\x03", "> ")
    terminal.type("endless\n")
    terminal.until("thinking")
    terminal.type("\x03")
    terminal.until("interrupted; ask the next question")
    terminal.until("> ")
    terminal.type("a whole question\n")
    assert "half" not in terminal.until("Asked with no picture after nothing.")
    terminal.until("\n> ")
    terminal.type("/quit\n")
    assert terminal.code() == 0


def test_lines_can_be_edited_completed_and_recalled(terminal: Terminal) -> None:
    terminal.until("> ")
    terminal.type("Who?\x7f\x7f\x7f\x7fHow fast?\n")
    terminal.until("Asked with no picture after nothing.")
    terminal.until("\n> ")
    terminal.type("\x10\n")  # Ctrl-P, as the arrow up
    terminal.until("Asked with no picture after How fast?.")
    terminal.until("\n> ")
    terminal.type("/he\t\n")
    terminal.until("/save")
    terminal.until("\n> ")
    terminal.type("\x04")
    assert terminal.code() == 0
