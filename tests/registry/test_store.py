"""Cards in a database come back as they were, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.files.database import Damaged, create, open_stored, save
from agent.registry.store import CardStore

ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=12)


@given(st.dictionaries(ids, st.binary(max_size=30), max_size=40))
def test_cards_come_back_in_order_and_by_id(rows: dict[str, bytes]) -> None:
    store = CardStore.build(rows.items())
    assert len(store) == len(rows)
    assert list(store.ids()) == list(rows)
    for number, (id, json) in enumerate(rows.items()):
        assert (store.id(number), store.number(id), store.row(number)) == (id, number, json)
        assert store.number(id + "!") is None


@pytest.mark.parametrize("stranger", ["", "a", "zz", "b\0", "é", "\ud800"])
def test_an_unknown_id_has_no_number(stranger: str) -> None:
    assert CardStore.build([("b", b"1"), ("c", b"2")]).number(stranger) is None


def test_a_number_beyond_the_last_has_no_id() -> None:
    with pytest.raises(IndexError, match="there are 1 cards; got the number 1"):
        CardStore.build([("b", b"1")]).id(1)


def test_no_altered_card_is_ever_read(tmp_path: Path) -> None:
    jsons = [b'{"first": "card"}', b'{"second": "card"}']
    path = tmp_path / "cards.db"
    save(CardStore.build(zip(("one", "two"), jsons, strict=True)).database, path)
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        altered = bytearray(whole)
        altered[position] ^= 4
        path.write_bytes(altered)
        try:
            store = CardStore(open_stored(path))
            read = [store.row(number) for number in range(len(store))]
        except Damaged:
            continue
        assert read == jsons[: len(read)]


def test_a_database_without_cards_is_damaged() -> None:
    with pytest.raises(Damaged, match="no such table: cards"):
        CardStore(create())
