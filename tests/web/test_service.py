"""The service behind page, endpoint and assistants: jobs, pictures and saved answers."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from agent.conversation import Past
from agent.errors import Cancelled, InputError
from agent.settings import Settings
from agent.types import Question
from agent.web.answers import SavedAnswers, without_paths
from agent.web.jobs import Busy, Job, Jobs
from agent.web.options import ServerOptions
from agent.web.service import Service
from agent.web.workspace import Upload, Workspace, file_name, remove_abandoned
from tests.web.pictures import png

_QUESTION = Question(text="Which loss does MIMO-UNet+ use?")


def test_an_answer_over_the_service_is_that_of_the_agent(service: Service) -> None:
    saved = asyncio.run(service.ask(_QUESTION).result())

    report = saved.report()
    assert report is not None
    assert report.answer == service.agent.ask(_QUESTION).answer
    assert service.answers.get(saved.id) == saved


def test_weights_that_cannot_be_read_are_told_without_their_place(tmp_path: Path) -> None:
    weights = tmp_path / "broken.safetensors"
    weights.write_bytes(b"no weights")
    with Service(Settings(weights=weights)) as service:
        pictures = service.pictures([Upload("a.png", png())])
        past = Past(images=pictures)
        reply = asyncio.run(service.reply("Sharpen this picture, please.", past).result())
    assert reply.report
    text = reply.report.model_dump_json()
    assert "broken.safetensors" in text and str(tmp_path) not in text


def test_an_address_that_ends_like_a_place_of_the_server_stays_whole() -> None:
    with Service(Settings()) as service:
        report = service.agent.ask(_QUESTION)
    (link, *_) = report.answer.references[0].links.values()
    place = f"/{link.partition('//')[2].partition('/')[2]}"
    report = report.model_copy(update={"settings": {"weights": place}})
    bare = without_paths(report)
    assert bare.settings == {"weights": Path(place).name}
    assert bare.answer == report.answer


def test_a_picture_is_measured_and_its_place_is_not_told(service: Service) -> None:
    (path,) = service.pictures([Upload("../../etc/<b>x</b>.png", png())])
    question = Question(text="Sharpen this picture, please.", images=(path,))

    job = service.ask(question)
    saved = asyncio.run(job.result())
    service.release([path])

    report = saved.report()
    assert report is not None
    assert report.runs
    text = (saved.folder / "report.json").read_text("utf-8")
    assert str(service.workspace.path) not in text
    assert not path.exists()
    assert saved.question.images[0].exists()


def test_progress_is_heard_from_its_beginning_by_whoever_comes_late(service: Service) -> None:
    async def states(job: Job[object]) -> list[object]:
        return [event.data async for event in job.events() if event.kind == "state"]

    async def both() -> tuple[list[object], list[object]]:
        job = service.ask(_QUESTION)
        return await states(job), await states(job)  # type: ignore[arg-type]

    first, second = asyncio.run(both())
    assert first == second == ["running", "done"]


def test_a_picture_that_cannot_be_read_is_refused_and_not_kept(service: Service) -> None:
    before = set(service.workspace.path.iterdir())
    with pytest.raises(InputError):
        service.pictures([Upload("good.png", png()), Upload("bad.png", b"\x89PNG\r\n\x1a\nno")])
    assert set(service.workspace.path.iterdir()) == before


def test_too_many_pictures_are_refused(service: Service) -> None:
    with pytest.raises(InputError, match="at most 8"):
        service.pictures([Upload("a.png", png())] * 9)


def test_a_follow_up_is_about_what_came_before(service: Service) -> None:
    async def talk() -> str:
        first = await service.reply(_QUESTION.text, Past()).result()
        assert first.turn
        past = Past((first.turn,), first.report)
        second = await service.reply("and how many parameters?", past).result()
        assert second.report
        return second.report.matches[0].card

    assert asyncio.run(talk()) == "mimo-unet-plus"


def test_a_full_queue_refuses_and_says_when_to_try_again() -> None:
    jobs, gate = Jobs(at_a_time=1, waiting=1), threading.Event()
    try:
        jobs.start(lambda _: gate.wait(), pictures=True)
        jobs.start(lambda _: gate.wait(), pictures=True)
        with pytest.raises(Busy) as refusal:
            jobs.start(lambda _: gate.wait(), pictures=True)
        assert refusal.value.retry_after > 0
        jobs.start(lambda _: True, pictures=False)  # a text does not wait behind pictures
    finally:
        gate.set()
        jobs.close()


def test_a_cancelled_job_ends_at_its_next_line_of_progress() -> None:
    jobs, began, gate = Jobs(1, 1), threading.Event(), threading.Event()

    def work(job: Job[None]) -> None:
        began.set()
        gate.wait()
        job.tell("progress", "half")
        pytest.fail("went on after it was cancelled")

    job = jobs.start(work, pictures=True)
    began.wait()
    job.cancel()
    gate.set()
    with pytest.raises(Cancelled):
        asyncio.run(job.result())
    jobs.close()
    assert job.state == "cancelled"


@pytest.mark.parametrize("error", [Cancelled(), InputError("no picture")])
def test_a_job_that_failed_holds_nothing_that_its_work_had_in_hand(error: BaseException) -> None:
    """Pages keep the last thousand jobs, and a traceback keeps the pictures of its frames."""

    class Pixels: ...

    held: list[weakref.ref[Pixels]] = []

    def work(_: Job[None]) -> None:
        pixels = Pixels()
        held.append(weakref.ref(pixels))
        try:
            raise OSError("torn")
        except OSError as cause:
            raise error from cause

    jobs = Jobs(1, 1)
    job = jobs.start(work, pictures=True)
    with pytest.raises(type(error)):
        asyncio.run(job.result())
    jobs.close()
    gc.collect()
    assert held[0]() is None and job.ended


def test_a_job_that_waits_is_cancelled_at_once() -> None:
    jobs, gate = Jobs(1, 1), threading.Event()
    jobs.start(lambda _: gate.wait(), pictures=True)
    job = jobs.start(lambda _: pytest.fail("ran"), pictures=True)
    job.cancel()
    assert job.state == "cancelled"
    assert jobs.waiting == 0
    gate.set()
    jobs.close()


def test_jobs_that_come_while_the_server_ends_are_refused_or_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else their streams would wait for an end that nobody tells of."""
    jobs, began, gate = Jobs(1, 1), threading.Event(), threading.Event()

    def work(_: Job[None]) -> None:
        began.set()
        gate.wait()

    late: list[Job[None]] = []
    shutdown = ThreadPoolExecutor.shutdown

    def after_a_late_job(threads: ThreadPoolExecutor, **options: bool) -> None:
        if not late:  # all that came before are cancelled by now
            late.append(jobs.start(work, pictures=True))
        shutdown(threads, **options | {"wait": False})

    jobs.start(work, pictures=True)
    began.wait()
    with monkeypatch.context() as patched:
        patched.setattr(ThreadPoolExecutor, "shutdown", after_a_late_job)
        jobs.close()
    with pytest.raises(Cancelled):
        asyncio.run(late[0].result())
    with pytest.raises(Busy):
        jobs.start(work, pictures=True)
    assert jobs.waiting == 0
    gate.set()
    jobs.close()


def test_the_oldest_answers_go_where_there_are_too_many() -> None:
    with Service(Settings(), ServerOptions(keep_answers=2)) as service:
        saved = [asyncio.run(service.ask(_QUESTION).result()) for _ in range(3)]
        assert service.answers.get(saved[0].id) is None
        assert not saved[0].home.exists()
        assert service.answers.get(saved[2].id) is not None


def test_an_answer_that_cannot_be_saved_takes_no_room(tmp_path: Path) -> None:
    """A full disk would stay full: nothing else knows of the folder."""
    workspace = Workspace()
    answers = SavedAnswers(workspace, ServerOptions())
    gone = Question(text="Why?", images=(tmp_path / "gone.png",))
    before = set(workspace.path.iterdir())
    with pytest.raises(OSError):
        answers.save(gone, ["a line"])
    with pytest.raises(OSError):
        answers.save(_QUESTION, ["a line"], {"no/such/folder.png": b""})
    with pytest.raises(OSError):
        answers.save_comparison(gone, lambda _: None)
    assert set(workspace.path.iterdir()) == before
    workspace.close()


def test_nothing_is_left_when_a_service_is_closed() -> None:
    with Service(Settings()) as service:
        service.pictures([Upload("a.png", png())])
        place = service.workspace.path
        assert place.stat().st_mode & 0o077 == 0
    assert not place.exists()


def test_a_folder_that_is_taken_for_abandoned_while_it_is_made_gives_way_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    make, made = tempfile.mkdtemp, []

    def made_beside_another(prefix: str) -> str:
        made.append(make(prefix=prefix))
        if len(made) == 1:
            remove_abandoned()  # as another server does that starts at this instant
        return made[-1]

    monkeypatch.setattr("tempfile.mkdtemp", made_beside_another)
    workspace = Workspace()
    assert [str(workspace.path)] == made[1:] and workspace.folder().is_dir()
    workspace.close()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_killed_server_is_removed_and_that_of_a_running_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    abandoned = tmp_path / "groundglass-serve-abandoned"
    abandoned.mkdir()
    (abandoned / "picture.png").write_bytes(png())
    running = Workspace()
    later = Workspace()
    assert not abandoned.exists()
    assert running.path.exists()
    running.close()
    later.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no such owners here")
def test_the_folder_of_another_user_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock could be a link to a file of this user, which locking would empty."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    theirs = tmp_path / "groundglass-serve-theirs"
    theirs.mkdir()
    owner = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: owner + 1)
    remove_abandoned()
    assert theirs.is_dir() and not list(theirs.iterdir())


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("map.png", "map.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a b.jpg", "a b.jpg"),
        (".hidden", "hidden"),
        ("", "picture"),
        ("<img src=x onerror=alert(1)>.png", "img src=x onerror=alert(1).png"),
        (".", "picture"),
        ("..", "picture"),
        ("a\0b.png", "ax00b.png"),
        (f"{'x' * 300}.jpeg", f"{'x' * 80}.jpeg"),
        (f"{'😀' * 80}.png", f"{'😀' * 20}.png"),
    ],
)
def test_a_file_name_from_outside_becomes_a_plain_one(name: str, kept: str) -> None:
    assert file_name(name) == kept


def test_a_restored_picture_is_saved_with_what_the_command_says_of_it(service: Service) -> None:
    (path,) = service.pictures([Upload("map.png", png(40, 24))])
    job = service.restore(path, 2)

    async def lines() -> list[str]:
        return [event.data async for event in job.events() if event.kind == "progress"]

    assert "map.png: 1 of 1 tiles" in asyncio.run(lines())
    saved = asyncio.run(job.result())
    service.release([path])

    assert saved.report() is None
    (line,) = saved.lines
    assert line.startswith("map.png: ") and ", 80 × 48 px, " in line
    with Image.open(saved.folder / "map-restored.png") as restored:
        assert restored.size == (80, 48)
    assert saved.size > (saved.folder / "map-restored.png").stat().st_size


def test_a_picture_that_cannot_be_enlarged_so_much_is_refused(service: Service) -> None:
    (path,) = service.pictures([Upload("long.png", png(8_000, 8))])
    before = set(service.workspace.path.iterdir())
    with pytest.raises(InputError, match=r"^long.png: enlarged 8 times") as error:
        asyncio.run(service.restore(path, 8).result())
    assert str(service.workspace.path) not in str(error.value)
    assert set(service.workspace.path.iterdir()) == before
