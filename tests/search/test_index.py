"""The index as a whole: built once, opened fast, searched the same way every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.registry import Registry
from agent.search import Index, index
from agent.search.embedding import EmbeddingUnavailableError
from agent.search.stems import stems
from agent.types import Card, Claim, Licence


class Bag:
    """Meaning as the sum of a random direction for each stem: enough to tell texts apart."""

    def __init__(self, *_: object) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        self.asked += texts
        vectors = np.array([self._vector(text) for text in texts], np.float32).reshape(-1, 384)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _vector(self, text: str) -> NDArray[np.float64]:
        seeds = [list(stem.encode()) for stem in stems(text)] or [[0]]
        return np.sum([np.random.default_rng(s).standard_normal(384) for s in seeds], axis=0)


def card(id: str, task: str, summary: str, **more: object) -> Card:
    return Card.model_validate(
        {"id": id, "name": id.upper(), "task": task, "summary": summary, "links": {}} | more
    )


DEBLUR = card(
    "net-9", "single-image deblurring", "Removes motion blur from a photo.",
    claims=(
        Claim(id="loss", text="It learns from an L1 loss.", source="s", tags=("loss",)),
        Claim(id="fast", text="A picture takes half a second.", source="s", tags=("speed",)),
    ),
    limits=(Claim(id="no-size", text="It never enlarges a picture.", source="s"),),
    licence=Licence(name="MIT"), examples=("Why are the edges of my shot crisp?",),
)  # fmt: skip
SPEECH = card("ear-1", "speech recognition", "Writes down what is said in a recording.")
BIRDS = card("bird-2", "bird classification", "Tells birds apart in photos.")
REGISTRY = Registry.from_cards([DEBLUR, SPEECH, BIRDS])


@pytest.fixture
def bag(monkeypatch: pytest.MonkeyPatch) -> Bag:
    """Stands in for the sentence model."""
    fake = Bag()
    monkeypatch.setattr(index, "model_file", lambda: Path("model.onnx"))
    monkeypatch.setattr(index, "Embedder", lambda path, cache: fake)
    return fake


def ids(found: Index, query: str, limit: int = 10) -> list[str]:
    return [hit.card for hit in found.search(query, limit)]


def test_search_finds_by_words_and_by_meaning() -> None:
    ours = Index.build(REGISTRY, Bag())
    assert ids(ours, "write down a recording")[0] == "ear-1"
    assert ids(ours, "crisp edges")[0] == "net-9"
    hit = ours.search("what removes blur from photos?")[0]
    assert hit.card == "net-9"
    assert hit.score == pytest.approx(0.6 * hit.meaning + 0.4 * hit.overlap, abs=1e-3)
    assert hit.reasons[0] == "summary shares: blur, removes, photos"
    assert hit.reasons[1].startswith("meaning close to its summary (0.")


def test_reasons_quote_what_is_near() -> None:
    ours = Index.build(REGISTRY, Bag())
    (_, example) = ours.search("Why are the edges of my shot crisp?")[0].reasons
    assert example == (
        "meaning close to the example question “Why are the edges of my shot crisp?” (1.00)"
    )
    (_, claim) = ours.search("it learns from an L1 loss")[0].reasons
    assert claim == "meaning close to what it says: “It learns from an L1 loss.” (1.00)"


def test_equals_come_in_the_order_of_the_registry() -> None:
    twins = [card(f"t{i}", "deblurring", "Removes blur.", name="Twin") for i in (3, 1, 2)]
    ours = Index.build(Registry.from_cards([SPEECH, *twins]), Bag())
    assert ids(ours, "remove blur", 3) == ["t3", "t1", "t2"]


def test_the_limit_holds_and_nothing_is_found_for_nothing() -> None:
    ours = Index.build(REGISTRY, "none here")
    assert len(ids(ours, "photos blur recording birds", 2)) == 2
    assert ids(ours, "") == []
    assert ids(ours, "xylophone") == []


def test_no_cards() -> None:
    for embedder in (Bag(), "none here"):
        ours = Index.build(Registry.from_cards([]), embedder)
        assert ours.search("blur") == []
        assert ours.named("NET-9") == []


@pytest.mark.parametrize("text", ["who wrote it", "when was it made", "which authors?"])
def test_by_whom_and_when_is_told_by_the_publication(text: str) -> None:
    ours = card("net", "deblurring", "Removes blur.", authors=("Ada Miller",), year=2020)
    ranked = Index.build(Registry.from_cards([ours]), "none here").rank_facts(text, ours)
    assert max(ranked, key=lambda fact: ranked[fact]) == "net/publication"
    assert ranked["net/publication"] > 0


def test_hints_lead_where_the_words_say_nothing() -> None:
    ours = Index.build(REGISTRY, Bag())
    assert ours.search("tschilp", hints=("bird classification",))[0].card == "bird-2"


def test_a_second_look_takes_in_what_the_best_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a large registry what is like the best gains on what only shares a word."""
    likes = [card(f"d{i}", "deblurring", "Removes shake and smear from a shot.") for i in range(3)]
    kin = card("kin", "restoration", "Removes shake from a shot.")
    decoy = card("decoy", "cookery", "Butter spread as a smear over toast, crumpets and scones.")
    others = [card(f"o{i}", "weather", f"Forecast number{i} from radar.") for i in range(40)]
    ours = Index.build(Registry.from_cards([decoy, kin, *others, *likes]), Bag())

    def scores() -> dict[str, float]:
        return {hit.card: hit.score for hit in ours.search("deblurring smear", 50)}

    twice = scores()
    monkeypatch.setattr(index, "FEEDBACK_FROM", 1000)
    once = scores()
    assert twice["kin"] - twice["decoy"] > once.get("kin", 0) - once["decoy"] + 0.05
    assert max(twice.values()) == pytest.approx(max(once.values()), abs=0.01)


# --- names and facts ----------------------------------------------------------------------------


def test_named_says_how_sure() -> None:
    ours = Index.build(Registry.from_cards([card("a", "t", "s", name="FeatSharp")]), "none here")
    assert [(n.card, n.score, n.text) for n in ours.named("FeatSharp")] == [("a", 1, "FeatSharp")]
    (slip,) = ours.named("FeetSharp")
    assert slip.kind == "misspelling"
    assert slip.score < 1


def test_facts_are_ranked_by_what_is_asked() -> None:
    for embedder in (Bag(), "none here"):
        ours = Index.build(REGISTRY, embedder)
        ranked = ours.rank_facts("which loss is it trained with?", DEBLUR)
        assert ranked.keys() == DEBLUR.facts().keys()
        assert all(0 <= value <= 1 for value in ranked.values())
        assert max(ranked, key=ranked.__getitem__) == "net-9/loss"
        speed = ours.rank_facts("speed", DEBLUR)
        assert max(speed, key=speed.__getitem__) == "net-9/fast"


def test_facts_of_a_card_from_elsewhere_are_ranked_by_words() -> None:
    ours = Index.build(REGISTRY, Bag())
    other = card("other", "t", "Removes rain.")
    assert ours.rank_facts("rain", other)["other/summary"] > 0
    changed = DEBLUR.model_copy(update={"claims": DEBLUR.claims[:1]})
    assert ours.rank_facts("which loss?", changed).keys() == changed.facts().keys()


# --- the cache ------------------------------------------------------------------------------------


def test_an_index_is_built_once(tmp_path: Path, bag: Bag) -> None:
    first = Index.open(REGISTRY, tmp_path)
    assert first.mode == "hybrid"
    assert bag.asked
    bag.asked.clear()
    again = Index.open(REGISTRY, tmp_path)
    assert bag.asked == []
    assert again.search("blur in photos") == first.search("blur in photos")


def test_another_registry_gets_another_index_and_keeps_known_vectors(
    tmp_path: Path, bag: Bag
) -> None:
    Index.open(REGISTRY, tmp_path)
    bag.asked.clear()
    more = Registry.from_cards([*REGISTRY.cards(), card("new", "painting", "Paints.")])
    assert ids(Index.open(more, tmp_path), "paints")[0] == "new"
    assert sorted(bag.asked[:3]) == ["NEW. painting. Paints.", "Paints.", "painting"]
    assert ids(Index.open(REGISTRY, tmp_path), "paints") != ["new"]


def test_a_damaged_index_is_built_again(tmp_path: Path, bag: Bag) -> None:
    expected = Index.open(REGISTRY, tmp_path).search("blur in photos")
    (file,) = tmp_path.glob("index/*.db")
    whole = file.read_bytes()
    for damaged in (b"", whole[:-1], bytes(len(whole)), whole[:4096] + bytes(len(whole) - 4096)):
        file.write_bytes(damaged)
        assert Index.open(REGISTRY, tmp_path).search("blur in photos") == expected
        assert file.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, bag: Bag) -> None:
    (tmp_path / "cache").write_text("in the way")
    assert ids(Index.open(REGISTRY, tmp_path / "cache"), "blur")[0] == "net-9"


def test_without_a_model_it_is_lexical_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Path:
        raise EmbeddingUnavailableError("onnxruntime is not installed")

    monkeypatch.setattr(index, "model_file", missing)
    ours = Index.open(REGISTRY, tmp_path)
    assert ours.mode == "lexical: onnxruntime is not installed"
    assert ids(ours, "removes blur")[0] == "net-9"
    assert ours.search("removes blur")[0].meaning == 0
    assert Index.open(REGISTRY, tmp_path).search("blur") == ours.search("blur")


def test_a_wrong_model_is_noticed_when_building_and_when_searching(
    tmp_path: Path, bag: Bag, monkeypatch: pytest.MonkeyPatch
) -> None:
    Index.open(REGISTRY, tmp_path)

    def wrong(_: object) -> None:
        raise EmbeddingUnavailableError("its sha256 differs")

    monkeypatch.setattr(bag, "embed", wrong)
    opened = Index.open(REGISTRY, tmp_path)
    assert ids(opened, "removes blur")[0] == "net-9"
    assert opened.mode == "lexical: its sha256 differs"
    built = Index.open(Registry.from_cards([DEBLUR]), tmp_path / "elsewhere")
    assert built.mode == "lexical: its sha256 differs"
