from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent import registry as module
from agent.errors import InputError, RegistryError
from agent.files import DEFAULT_REGISTRY, UPSCALERS
from agent.registry import Registry, check, load, schema
from agent.types import Card

YAML = """models:
- id: {first}
  name: First
  task: deblurring
  summary: Sharpens pictures, naïvely.
  links: {{paper: https://example.org/1}}
  tool: restore
- id: second
  name: Second
  task: reading
  summary: Reads text.
  links: {{paper: https://example.org/2}}
"""


def card(id: str) -> Card:
    return Card(id=id, name=id, task="t", summary="s", links={"paper": "https://example.org"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(YAML.format(first="zebra"), encoding="utf-8")
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def kept(cache: Path) -> list[Path]:
    return sorted((cache / "registry").iterdir())


def no_reading(*_: Any) -> Any:
    raise AssertionError("the file was checked again")


@pytest.mark.parametrize("with_cache", [False, True])
def test_a_registry_reads_like_a_mapping_in_file_order(
    path: Path, cache: Path, with_cache: bool
) -> None:
    for _ in range(2):
        registry = load(path, cache if with_cache else None)
        assert list(registry) == ["zebra", "second"]
        assert [card.name for card in registry.cards()] == ["First", "Second"]
        assert registry["zebra"].summary == "Sharpens pictures, naïvely."
        assert registry["zebra"].tool == "restore"
        assert "second" in registry
        assert "third" not in registry
        assert 3 not in registry
        assert len(registry) == 2
        assert registry.path == path
        assert registry.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_unknown_id_names_the_nearest(path: Path) -> None:
    with pytest.raises(InputError, match="no card has the id 'Zebar'; did you mean zebra"):
        load(path)["Zebar"]
    with pytest.raises(InputError, match="registry list"):
        load(path)["\x1b?"]


def test_the_second_opening_uses_the_cache(
    path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(path, cache)
    assert len(kept(cache)) == 1
    monkeypatch.setattr(module, "_checked", no_reading)
    assert load(path, cache)["second"].name == "Second"


def test_a_changed_file_is_checked_anew(path: Path, cache: Path) -> None:
    load(path, cache)
    path.write_text(YAML.format(first="yak"), encoding="utf-8")
    assert list(load(path, cache)) == ["yak", "second"]
    path.write_text("models: 3", encoding="utf-8")
    with pytest.raises(RegistryError):
        load(path, cache)
    assert len(kept(cache)) == 2


@pytest.mark.parametrize("content", [b"", b"garbage", b"\0" * 500])
def test_a_damaged_cache_is_rebuilt(path: Path, cache: Path, content: bytes) -> None:
    load(path, cache)
    whole = kept(cache)[0].read_bytes()
    kept(cache)[0].write_bytes(content)
    assert list(load(path, cache)) == ["zebra", "second"]
    assert kept(cache)[0].read_bytes() == whole


def test_a_damaged_card_is_read_from_the_file_again(path: Path, cache: Path) -> None:
    load(path, cache)
    place = kept(cache)[0]
    place.write_bytes(place.read_bytes().replace(b"Sharpens", b"Enlarges"))
    assert load(path, cache)["zebra"].summary.startswith("Sharpens")
    assert kept(cache) == []


def test_a_damaged_card_of_a_file_that_has_changed_is_an_error(path: Path, cache: Path) -> None:
    load(path, cache)
    place = kept(cache)[0]
    place.write_bytes(place.read_bytes().replace(b"Sharpens", b"Enlarges"))
    registry = load(path, cache)
    path.write_text(YAML.format(first="yak"), encoding="utf-8")
    with pytest.raises(RegistryError, match="was changed while it was in use"):
        registry["zebra"]


def test_a_cache_that_cannot_be_written_is_done_without(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert len(load(path, tmp_path / "file")) == 2


def test_a_write_that_fails_leaves_nothing(
    path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert len(load(path, cache)) == 2
    assert kept(cache) == []


def test_the_cache_does_not_hide_faults(path: Path, cache: Path) -> None:
    path.write_text(YAML.format(first="Zebra"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(RegistryError) as caught:
            load(path, cache)
        assert caught.value.problems == check(path)
        assert caught.value.problems[0].startswith(f"{path}:2: card Zebra: key id:")
        assert caught.value.exit_code == 3


@pytest.mark.parametrize("what", ["missing", "folder", "unreadable"])
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, what: str) -> None:
    path = tmp_path / "r.yaml"
    if what == "folder":
        path.mkdir()
    if what == "unreadable":
        path.touch(mode=0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
    (problem,) = check(path)
    assert "cannot be read" in problem


def test_a_file_that_is_too_large_is_not_read(
    path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    with pytest.raises(RegistryError, match="larger than"):
        load(path, cache)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with a name")
def test_a_pipe_is_read_once(path: Path, tmp_path: Path, cache: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [
        sys.executable,
        "-c",
        "import sys; open(sys.argv[2],'wb').write(open(sys.argv[1],'rb').read())",
    ]
    writer = subprocess.Popen([*command, str(path), str(pipe)])
    try:
        assert list(load(pipe, cache)) == ["zebra", "second"]
    finally:
        writer.kill()
        writer.wait()


def test_tools_can_be_given(path: Path) -> None:
    assert "allowed tools are hammer" in check(path, tools={"hammer"})[0]


def test_cards_made_elsewhere_make_a_registry(path: Path) -> None:
    registry = Registry.from_cards([card("b"), card("a")])
    assert list(registry) == ["b", "a"]
    assert registry["a"] == card("a")
    assert registry.path is None
    assert registry.sha256 == Registry.from_cards([card("b"), card("a")]).sha256
    assert registry.sha256 != Registry.from_cards([card("a"), card("b")]).sha256
    assert len(Registry.from_cards([])) == 0
    with pytest.raises(InputError, match="ids must be unique"):
        Registry.from_cards([card("a"), card("a")])


def test_an_open_registry_needs_no_yaml(path: Path, cache: Path) -> None:
    load(path, cache)
    code = (
        "import sys; from pathlib import Path; from agent.registry import load;"
        "load(Path(sys.argv[1]), Path(sys.argv[2]))['zebra'];"
        "print([m for m in ('yaml', 'rapidfuzz', 'numpy', 'arxiv') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(path), str(cache)]
    result = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert result.stdout.strip() == "[]"


def test_the_registry_that_ships_has_no_problems() -> None:
    assert check(DEFAULT_REGISTRY) == []


def test_the_schema_describes_the_file() -> None:
    assert schema()["required"] == ["models"]


# --- several files ----------------------------------------------------------------------------

SPANNING_ANSWER = """questions:
- ask: [which is best]
  answer: First sharpens pictures.
  facts: [{card}/summary]
"""


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A second file, whose ids are those of no other."""
    path = tmp_path / "other.yaml"
    text = YAML.format(first="yak").replace("id: second", "id: gnu")
    path.write_text(text + SPANNING_ANSWER.format(card="yak"), encoding="utf-8")
    return path


@pytest.mark.parametrize("with_cache", [False, True])
def test_several_files_are_one_registry(
    path: Path, other: Path, cache: Path, with_cache: bool
) -> None:
    path.write_text(path.read_text() + SPANNING_ANSWER.format(card="zebra"), encoding="utf-8")
    for _ in range(2):
        registry = load((path, other), cache if with_cache else None)
        assert list(registry) == ["zebra", "second", "yak", "gnu"]
        assert [card.id for card in registry.cards()] == list(registry)
        assert [answer.facts for answer in registry.questions] == [
            ("zebra/summary",),
            ("yak/summary",),
        ]
        assert registry.path == (path, other)


def test_one_file_in_a_list_is_that_file(path: Path, cache: Path) -> None:
    assert load([path], cache).sha256 == load(path, cache).sha256
    assert len(kept(cache)) == 1


def test_a_file_that_is_named_twice_counts_once(path: Path, other: Path, cache: Path) -> None:
    again = path.with_name("link.yaml")
    again.symlink_to(path)
    named = (path, other, path.parent / "." / path.name, again)
    assert load(named, cache).sha256 == load((path, other), cache).sha256
    assert load((path, path), cache).sha256 == load(path, cache).sha256
    assert check((path, path)) == []


def test_the_hash_of_several_is_that_of_all_in_their_order(path: Path, other: Path) -> None:
    both = load((path, other)).sha256
    assert both != load((other, path)).sha256
    other.write_text(other.read_text().replace("Reads text", "Reads much text"))
    assert both != load((path, other)).sha256


def test_several_files_are_checked_once(
    path: Path, other: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load((path, other), cache)
    assert len(kept(cache)) == 3
    monkeypatch.setattr(module, "_checked", no_reading)
    monkeypatch.setattr(module, "_rows", no_reading)
    assert load((path, other), cache)["gnu"].name == "Second"


def test_a_damaged_card_of_several_files_is_read_from_them_again(
    path: Path, other: Path, cache: Path
) -> None:
    load((path, other), cache)
    for place in kept(cache):
        place.write_bytes(place.read_bytes().replace(b"Sharpens", b"Enlarges"))
    assert load((path, other), cache)["yak"].summary.startswith("Sharpens")


def test_an_id_of_two_files_is_told_with_both(path: Path, other: Path, cache: Path) -> None:
    other.write_text(other.read_text().replace("gnu", "second"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(RegistryError) as caught:
            load((path, other), cache)
        assert (
            caught.value.problems
            == check((path, other))
            == [
                f"{other}: card second: key id: {path} already has a card with that id; "
                "rename one of them"
            ]
        )


def test_every_file_is_told_with_its_problems(path: Path, other: Path, tmp_path: Path) -> None:
    path.write_text(path.read_text().replace("task:", "tsk:", 1))
    other.write_text("models: 3")
    found = check((path, other, tmp_path / "none"))
    assert {problem.partition(":")[0] for problem in found} == {
        str(path), str(other), str(tmp_path / "none"),
    }  # fmt: skip


def test_a_bare_name_is_a_registry_that_ships_unless_there_is_such_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(Path("upscalers")).path == UPSCALERS
    assert load(Path("default")).path == DEFAULT_REGISTRY
    both = load((Path("default"), Path("upscalers")))
    assert len(both) == len(load(UPSCALERS)) + len(load(DEFAULT_REGISTRY))
    Path("upscalers").write_text(YAML.format(first="zebra"))
    assert "zebra" in load(Path("upscalers"))
