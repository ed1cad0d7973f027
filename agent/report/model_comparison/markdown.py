"""A comparison as CommonMark with tables; pictures are linked by file name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from agent.report.markdown import cell, escaped
from agent.report.model_comparison import table
from agent.report.model_comparison.record import ComparedPicture, ModelComparison
from agent.report.single_line import plain


def to_markdown(comparison: ModelComparison, *, saved: bool = True) -> str:
    """Return the comparison as Markdown, without a trailing line break.

    Args:
        saved: whether the pictures are saved beside the text, so that it can link to them.
    """
    return "\n\n".join(_blocks(comparison, saved))


def _blocks(comparison: ModelComparison, saved: bool) -> Iterator[str]:
    yield f"# {escaped(table.title(comparison))}"
    yield escaped(table.conditions(comparison))
    if lines := list(table.over_pictures(comparison)):
        yield _bullets(lines)
    for picture in comparison.pictures:
        yield from _picture(picture, comparison, saved)
    yield f"## {table.METHODS}"
    yield _bullets(table.methods(comparison))
    yield f"## {table.LIMITS}"
    yield _bullets(table.limits())
    yield "---"
    yield "  \n".join(map(escaped, (*table.licences(comparison), table.footer(comparison))))


def _picture(picture: ComparedPicture, comparison: ModelComparison, saved: bool) -> Iterator[str]:
    if len(comparison.pictures) > 1:
        yield f"## {escaped(plain(picture.name))}"
    if comparison.criterion:
        yield " ".join(f"**{escaped(line)}**" for line in table.verdict_lines(picture))
    yield _table(picture)
    if not comparison.criterion:
        yield f"### {table.VERDICTS}"
        yield _bullets(table.verdict_lines(picture))
    if lines := [*table.not_run(picture), *table.notes(picture)]:
        yield _bullets(lines)
    if saved:
        for figure in picture.figures:
            yield f"![{escaped(plain(figure.caption))}]({quote(figure.name)})"
    changed = [result for result in picture.ran if result.places]
    if changed:
        yield f"### {table.PLACES}"
    for result in changed:
        yield f"**{escaped(plain(result.name))}**"
        yield _bullets(table.places(result))


def _table(picture: ComparedPicture) -> str:
    head = ["", *table.names(picture)]
    lines = [_line(map(cell, head)), "|" + "---|" * len(head)]
    for row in table.rows(picture):
        lines.append(_line((cell(row.label), *map(_cell, row.cells))))
    return "\n".join(lines)


def _cell(value: table.Cell | None) -> str:
    if value is None:
        return "–"
    number = f"**{value.value}**" if value.leads else value.value
    return f"{number} ({value.interval})" if value.interval else number


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(line)}" for line in lines)
