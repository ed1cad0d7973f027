from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.registry.packed import Damaged, Pack, pack

ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=12)


@given(
    st.dictionaries(ids, st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")), max_size=40)
)
def test_what_was_packed_comes_back_in_order_and_by_id(rows: dict[str, bytes]) -> None:
    packed = Pack(pack(rows.items()))
    assert list(packed.ids()) == list(rows)
    assert [packed.line(i) for i in range(len(packed))] == list(rows.values())
    for i, id in enumerate(rows):
        assert packed.row(id) == i
        assert packed.row(id + "!") is None


@pytest.mark.parametrize("stranger", ["", "a", "zz", "b\0", "é", "\ud800"])
def test_an_unknown_id_has_no_row(stranger: str) -> None:
    assert Pack(pack([("b", b"1"), ("c", b"2")])).row(stranger) is None


def test_every_cut_and_every_flipped_bit_of_a_line_or_table_is_noticed() -> None:
    lines = [b'{"a":1}', b'{"b":2}']
    whole = pack(zip(("one", "two"), lines, strict=True))
    for length in range(len(whole)):
        with pytest.raises(Damaged):
            Pack(whole[:length])
    for position in range(len(whole)):
        if whole[position] == ord("\n") and position < 16:
            continue  # what separates lines belongs to none
        altered = bytearray(whole)
        altered[position] ^= 4
        with pytest.raises(Damaged):
            damaged = Pack(altered)
            _ = [damaged.line(row) for row in range(2)]


def test_a_mapped_file_reads_like_the_buffer(tmp_path: Path) -> None:
    path = tmp_path / "cards"
    path.write_bytes(pack([("a", b"1"), ("b", b"22")]))
    assert Pack.open(path).line(1) == b"22"
    path.write_bytes(b"")
    with pytest.raises(Damaged):
        Pack.open(path)
    with pytest.raises(OSError):
        Pack.open(tmp_path / "missing")
