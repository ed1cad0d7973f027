"""Delimited text (CSV, TSV), as spreadsheets and databases write it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

SEPARATORS = ",;\t|"
#: The line in which Excel declares the separator.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\s,;|]*', re.IGNORECASE)


class HeadingError(Exception):
    """The first non-blank line, which is not a valid heading."""


class Table(NamedTuple):
    """A table with its heading already read."""

    names: list[str]
    """Names of the columns, with white space collapsed; empty for a column without a name."""
    rows: Iterator[list[str]]
    """Cells of each row, blank rows included; raises `csv.Error` at the first unreadable row."""


def read_table(
    lines: Iterator[str], is_heading: Callable[[list[str]], bool], separators: str = SEPARATORS
) -> Table:
    """Read the heading and detect the separator, unless a line such as `sep=;` declares it.

    Args:
        lines: lines with their ends, as from a file opened with `newline=""`.
        is_heading: checks whether casefolded names are a valid heading.
        separators: the separators to try; the first that gives the most columns is used.

    Raises:
        HeadingError: if the first non-blank line is not a valid heading.
    """
    first = next((line for line in lines if line.strip(f" \r\n{SEPARATORS}")), "")
    if match := _SEPARATOR_LINE.fullmatch(first):
        separators, first = match[1], next(lines, "")
    head = [first]
    headings = []
    for separator in separators:
        reader = csv.reader(_replayed(head, lines), delimiter=separator)
        with suppress(csv.Error):
            names = [" ".join(cell.split()) for cell in next(reader, [])]
            if is_heading([name.casefold() for name in names]):
                headings.append((names, separator, reader.line_num))
    if not headings:
        raise HeadingError(first.strip())
    names, separator, lines_read = max(headings, key=lambda heading: len(heading[0]))
    rest = chain(head[lines_read:], lines)
    return Table(names, csv.reader(rest, delimiter=separator, strict=True))


def _replayed(head: list[str], lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines read so far, then further ones, which are added: a heading may span lines."""
    yield from head
    for line in lines:
        head.append(line)
        yield line
