"""Delimited text (CSV, TSV) as spreadsheets and databases write it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

SEPARATORS = ",;\t|"
#: The line by which Excel tells itself the separator.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\s,;|]*', re.IGNORECASE)


class HeadingError(Exception):
    """The first line that is not blank, which is no heading as it should be."""


class Table(NamedTuple):
    """A table whose heading has been read."""

    names: list[str]
    """Of the columns, white space reduced to single spaces; empty where a column has none."""
    rows: Iterator[list[str]]
    """Cells of each row, blank rows too; raises `csv.Error` for a row that cannot be read, once."""


def read_table(
    lines: Iterator[str], is_heading: Callable[[list[str]], bool], separators: str = SEPARATORS
) -> Table:
    """Read the heading, which tells the separator unless a line such as `sep=;` does.

    Args:
        lines: with their ends, as a file opened with `newline=""` gives them.
        is_heading: whether these names, casefolded, are a heading as it should be.
        separators: those to try; the one that gives the most columns is taken, of equals the first.

    Raises:
        HeadingError: where the first line that is not blank is no such heading.
    """
    first = next((line for line in lines if line.strip(f" \r\n{SEPARATORS}")), "")
    if match := _SEPARATOR_LINE.fullmatch(first):
        separators, first = match[1], next(lines, "")
    head = [first]
    headings = []
    for separator in separators:
        reader = csv.reader(_recorded(head, lines), delimiter=separator)
        with suppress(csv.Error):
            names = [" ".join(cell.split()) for cell in next(reader, [])]
            if is_heading([name.casefold() for name in names]):
                headings.append((names, separator, reader.line_num))
    if not headings:
        raise HeadingError(first.strip())
    names, separator, lines_read = max(headings, key=lambda heading: len(heading[0]))
    rest = chain(head[lines_read:], lines)
    return Table(names, csv.reader(rest, delimiter=separator, strict=True))


def _recorded(head: list[str], lines: Iterator[str]) -> Iterator[str]:
    """What was taken already, then more, which is added to it: a heading may span lines."""
    yield from head
    for line in lines:
        head.append(line)
        yield line
