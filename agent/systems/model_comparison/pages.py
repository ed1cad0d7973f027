"""The text and the page of a comparison, in its folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.imaging.picture import Picture
from agent.imaging.reading import read
from agent.imaging.writing import write_png
from agent.report.model_comparison.markdown import to_markdown
from agent.report.model_comparison.page import to_html
from agent.report.model_comparison.record import ComparedPicture, ModelComparison
from agent.systems.model_comparison.crops import for_page
from agent.systems.model_comparison.folder import ComparisonFolder


def save_pages(
    comparison: ModelComparison, pictures: Sequence[Path], folder: ComparisonFolder
) -> None:
    """Write `comparison.md` and `comparison.html` beside the results.

    Args:
        pictures: files of the compared pictures, in the same order.

    Raises:
        InputError: if a picture has become unreadable.
        GroundglassError: if the disk cannot be written to.
    """
    pngs: dict[str, bytes] = {}
    for path, compared in zip(pictures, comparison.pictures, strict=True):
        pngs |= dict(_images(path, compared, comparison.factor, folder))
    folder.write("comparison.md", f"{to_markdown(comparison)}\n".encode())
    folder.write("comparison.html", to_html(comparison, pngs).encode())


def _images(
    path: Path, compared: ComparedPicture, factor: int, folder: ComparisonFolder
) -> Iterator[tuple[str, bytes]]:
    """Yield the images on the page for one picture, as names and PNG data."""
    results = (
        (result.picture.name, folder.load(result)) for result in compared.ran if result.picture
    )
    for name, pixels in for_page(read(path), factor, results):
        yield name, write_png(Picture(name, pixels))
    for figure in compared.figures:
        yield figure.name, (folder.path / figure.name).read_bytes()
