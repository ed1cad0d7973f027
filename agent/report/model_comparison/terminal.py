"""A comparison on a terminal: the verdict, a table, and what did not run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.report.model_comparison import table
from agent.report.model_comparison.record import ComparedPicture, ModelComparison
from agent.report.single_line import plain

_WIDEST = 120
_LABEL, _COLUMN = 30, 16


def print_comparison(comparison: ModelComparison, console: Console | None = None) -> None:
    """Print a comparison as wide as the terminal; models that do not fit beside others go below."""
    console = console or Console()
    console.print(Text(table.title(comparison), "bold"))
    console.print(Text(table.conditions(comparison), "dim"))
    for line in table.over_pictures(comparison):
        _bullet(console, line)
    for picture in comparison.pictures:
        console.print()
        if len(comparison.pictures) > 1:
            console.print(Text(plain(picture.name), "bold cyan"))
        if comparison.criterion:
            for line in table.verdict_lines(picture):
                console.print(Text(line, "bold"))
            console.print()
        _print_table(picture, console)
        if not comparison.criterion:
            console.print(Text(f"\n{table.VERDICTS}", "bold cyan"))
            for line in table.verdict_lines(picture):
                _bullet(console, line)
        for line in (*table.not_run(picture), *table.notes(picture)):
            _bullet(console, line, "yellow")


def _bullet(console: Console, line: str, style: str = "") -> None:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(Text("•", "cyan"), Text(line, style))
    console.print(grid, width=min(console.width, _WIDEST))


def _print_table(picture: ComparedPicture, console: Console) -> None:
    width = min(console.width, _WIDEST)
    beside = max(1, (width - _LABEL) // _COLUMN)
    names = table.names(picture)
    rows = list(table.rows(picture))
    for start in range(0, len(names), beside):
        console.print(_part(names[start : start + beside], rows, start), width=width)


def _part(names: Sequence[str], rows: Sequence[table.Row], start: int) -> Table:
    """Return the table with the columns of some models, from index `start` on."""
    part = Table(box=None, pad_edge=False, header_style="bold")
    part.add_column("", ratio=2, overflow="fold")
    for name in names:
        part.add_column(Text(name), justify="right", ratio=1, overflow="fold")
    for row in rows:
        cells = row.cells[start : start + len(names)]
        part.add_row(Text(row.label), *map(_cell, cells))
    return part


def _cell(value: table.Cell | None) -> Text:
    if value is None:
        return Text("–", "dim")
    number = Text(value.value, "bold cyan" if value.leads else "")
    return number.append(f"\n{value.interval}", "dim") if value.interval else number
