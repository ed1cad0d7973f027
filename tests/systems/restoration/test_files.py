"""Files as people name them, and what is left behind when something goes wrong."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from safetensors.torch import save_file

from agent.errors import CheckpointError, InputError
from agent.imaging.reading import read
from agent.settings import Settings
from agent.systems.restoration import earlier, files
from agent.systems.restoration.files import Order, Outcome, Source, find_sources, restore_files
from agent.systems.restoration.network import MIMOUNet
from agent.systems.restoration.restorer import MimoUnetRestorer

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "shot.png"
    path.parent.mkdir()
    picture(20, 28).save(path)
    return path


def picture(height: int, width: int) -> Image.Image:
    noise = np.random.default_rng(0).integers(90, 160, (height, width, 3), np.uint8)
    return Image.fromarray(noise)


def run(named: list[Path], order: Order, settings: Settings) -> list[Outcome]:
    return list(restore_files(find_sources([str(path) for path in named]), order, settings))


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_one_file_to_one_file(shot: Path, tmp_path: Path, settings: Settings) -> None:
    target = tmp_path / "new" / "out.jpg"
    (outcome,) = run([shot], Order(target, 2), settings)
    assert (outcome.status, outcome.target) == ("restored", target)
    assert (outcome.width, outcome.height) == (56, 40)
    written = Image.open(target)
    assert (written.format, written.size) == ("JPEG", (56, 40))
    _, after = MimoUnetRestorer.fastest(settings).enlarge_and_restore(read(shot), 2)
    assert np.abs(np.asarray(written).astype(int) - after.pixels).mean() < 4
    assert names(target.parent) == ["out.jpg"]


def test_folders_keep_their_shape_and_other_files_are_left_out(
    tmp_path: Path, settings: Settings
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    picture(16, 16).save(source / "A.PNG")
    picture(16, 16).save(source / "deep" / "b.gif")
    (source / "notes.txt").write_text("no picture")
    outcomes = run([source], Order(out), settings)
    assert [outcome.target for outcome in outcomes] == [out / "A.PNG", out / "deep" / "b.png"]
    assert names(out) == ["A.PNG", "deep/b.png"]


def test_patterns_are_matched_and_a_file_with_a_star_in_its_name_is_a_file(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c[1].png"):
        picture(16, 16).save(tmp_path / name)
    found = find_sources([str(tmp_path / "*.png"), str(tmp_path / "c[1].png")])
    assert [source.path.name for source in found] == ["a.png", "b.png", "c[1].png"]
    with pytest.raises(InputError, match="no pictures found"):
        find_sources([str(tmp_path / "*.jpg")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pictures found"):
        find_sources([str(tmp_path / "empty")])


def test_a_folder_as_people_have_it(tmp_path: Path) -> None:
    for name in ("a.png", ".hidden.png", ".trash/b.png", "__MACOSX/c.png", "@eaDir/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        picture(16, 16).save(tmp_path / name)
    (tmp_path / "._a.png").write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X        ")
    for name in ("b.jfif", "c.JPE"):
        picture(16, 16).save(tmp_path / name, "JPEG")
    for name in ("z.heic", "notes.txt", *(f"{i}.raw" for i in range(9))):
        (tmp_path / name).touch()
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    lines: list[str] = []
    found = find_sources([str(tmp_path)], tell=lines.append)
    assert [source.path.name for source in found] == ["a.png", "b.jfif", "c.JPE"]
    (line,) = lines
    assert "left out, no picture that can be read: " in line and line.endswith("and 7 more")
    assert "._a" not in line and "hidden" not in line
    lines.clear()
    find_sources([str(tmp_path / "[a-z]*")], tell=lines.append)
    assert "gone.png, " in lines[0] and "z.heic" in lines[0]
    (hidden,) = find_sources([str(tmp_path / ".trash")])  # what is named is meant
    assert hidden.path.name == "b.png"


def test_results_are_never_restored_again(
    shot: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    source = shot.parent
    lines: list[str] = []

    def again(output: Path) -> list[Path]:
        lines.clear()
        sources = find_sources([str(source)], output, cache, lines.append)
        list(restore_files(sources, Order(output, cache=cache), settings))
        return [source.path for source in sources]

    assert again(source / "x2") == [shot] and lines == []
    assert again(source / "x2") == [shot]
    assert lines == [f"{source}: left out, where results go: {source / 'x2' / 'shot.png'}"]
    assert again(source / "x3") == [shot]
    assert lines == [f"{source}: left out, results of earlier runs: {source / 'x2' / 'shot.png'}"]
    assert again(source / "named.png") == [shot]  # a file among the pictures
    assert again(tmp_path / "out") == [shot]
    chosen = find_sources([str(source / "x2")], tmp_path / "out", cache)
    assert [source.path for source in chosen] == [source / "x2" / "shot.png"]  # it holds no other
    for output in (source, source.parent):
        with pytest.raises(InputError, match="results would go to the pictures"):
            find_sources([str(source)], output, cache)


def test_a_picture_that_comes_out_as_it_was_is_no_result(shot: Path, tmp_path: Path) -> None:
    earlier.remember(shot, shot, tmp_path / "cache")
    assert earlier.results_among([shot], tmp_path / "cache") == set()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_and_patterns_fit_however_accents_are_composed(tmp_path: Path, form: str) -> None:
    place = tmp_path / unicodedata.normalize("NFD", "ü.png")
    picture(16, 16).save(place)
    for name in ("ü.png", "ü*", "*ü.p?g"):
        named = f"{tmp_path}/{unicodedata.normalize(form, name)}"
        assert [source.path for source in find_sources([named])] == [place]


@pytest.mark.parametrize("name", ["r.heic", "r.jfif", "r.GIF", "r.jp2", "r.pdf", "deep/r.jxl"])
def test_a_format_that_cannot_be_written_is_refused_before_anything_runs(
    name: str, shot: Path, tmp_path: Path, settings: Settings
) -> None:
    missing = replace(settings, weights=tmp_path / "none.safetensors")
    with pytest.raises(InputError, match=r"\.\w+ cannot be written; use one of \.png"):
        run([shot], Order(tmp_path / name), missing)
    assert names(tmp_path) == ["in/shot.png"]


def test_an_output_below_a_file_is_refused_and_a_folder_may_have_any_name(
    shot: Path, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(InputError, match=r"shot\.png is a file; name a folder"):
        run([shot], Order(shot / "out"), settings)
    (outcome,) = run([shot], Order(tmp_path / "my.pictures", folder=True), settings)
    assert outcome.target == tmp_path / "my.pictures" / "shot.png"
    (outcome,) = run([shot], Order(tmp_path / "run-1.5"), settings)
    assert outcome.target == tmp_path / "run-1.5" / "shot.png"


def test_one_failure_does_not_end_the_rest(shot: Path, tmp_path: Path, settings: Settings) -> None:
    broken, missing = tmp_path / "broken.png", tmp_path / "missing.png"
    broken.write_bytes(shot.read_bytes()[:60])
    outcomes = run([broken, missing, shot], Order(tmp_path / "out"), settings)
    assert [outcome.status for outcome in outcomes] == ["failed", "failed", "restored"]
    assert "damaged" in outcomes[0].notes[0] and "no such file" in outcomes[1].notes[0]
    assert names(tmp_path / "out") == ["shot.png"]


def test_nothing_is_overwritten_unless_told(shot: Path, settings: Settings) -> None:
    before = shot.read_bytes()
    (outcome,) = run([shot], Order(shot.parent), settings)
    assert outcome.status == "failed" and "already exists" in outcome.notes[0]
    assert shot.read_bytes() == before
    (outcome,) = run([shot], Order(shot.parent, overwrite=True), settings)
    assert outcome.status == "restored" and shot.read_bytes() != before
    assert names(shot.parent) == ["shot.png"]


def test_a_file_that_appears_while_the_network_runs_is_left_alone(
    shot: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.png"

    def slow(*_: object) -> tuple[str, ...]:
        target.write_bytes(b"of somebody else")
        return ()

    monkeypatch.setattr(files, "doubts", slow)
    (outcome,) = run([shot], Order(target), settings)
    assert outcome.status == "failed" and "already exists" in outcome.notes[0]
    assert target.read_bytes() == b"of somebody else"
    assert names(tmp_path) == ["in/shot.png", "out.png"]


def test_two_pictures_never_share_a_result(tmp_path: Path, settings: Settings) -> None:
    picture(16, 16).save(tmp_path / "a.png")
    picture(16, 16).save(tmp_path / "a.gif")
    order = Order(tmp_path / "out", overwrite=True)
    first, second = run([tmp_path / "a.png", tmp_path / "a.gif"], order, settings)
    assert first.status == "restored" and second.status == "failed"
    assert "result of another picture" in second.notes[0]
    with pytest.raises(InputError, match="2 pictures cannot be written to one file"):
        run([tmp_path / "a.png", tmp_path / "a.gif"], Order(tmp_path / "x.png"), settings)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interruption_or_a_full_disk_leaves_no_half_file(
    shot: Path,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "shot.png").write_bytes(b"of yesterday")

    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    order = Order(out, overwrite=True)
    if isinstance(error, OSError):
        (outcome,) = run([shot], order, settings)
        assert outcome.status == "failed" and "No space left" in outcome.notes[0]
    else:
        with pytest.raises(KeyboardInterrupt):
            run([shot], order, settings)
    assert names(out) == ["shot.png"] and (out / "shot.png").read_bytes() == b"of yesterday"


def test_a_file_system_without_links_is_served_too(
    shot: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    (outcome,) = run([shot], Order(tmp_path / "out.png"), settings)
    assert outcome.status == "restored" and names(tmp_path) == ["in/shot.png", "out.png"]


def test_metadata_are_kept_or_stripped_and_the_orientation_is_gone(
    tmp_path: Path, settings: Settings
) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    picture(16, 24).save(tmp_path / "a.jpg", exif=exif)
    run([tmp_path / "a.jpg"], Order(tmp_path / "kept.jpg"), settings)
    with Image.open(tmp_path / "kept.jpg") as kept:
        kept.load()
    assert kept.size == (16, 24)  # turned upright
    assert kept.getexif()[0x010F] == "Maker" and kept.getexif().get_ifd(0x8825) == {1: "N"}
    assert 0x0112 not in kept.getexif()
    run([tmp_path / "a.jpg"], Order(tmp_path / "bare.jpg", strip_metadata=True), settings)
    with Image.open(tmp_path / "bare.jpg") as bare:
        assert not bare.getexif()


def test_how_values_are_shown_and_printed_is_kept_or_told(
    tmp_path: Path, settings: Settings
) -> None:
    info = PngInfo()
    info.add(b"gAMA", (100_000).to_bytes(4))
    info.add_text("prompt", "a cat")
    info.add_text("workflow", "{}" * 600_000, zip=True)
    picture(16, 24).save(tmp_path / "a.png", dpi=(300, 300), pnginfo=info)
    (same,) = run([tmp_path / "a.png"], Order(tmp_path / "same.png"), settings)
    (large,) = same.notes
    assert large.startswith("not kept: text “workflow”")
    with Image.open(tmp_path / "same.png") as kept:
        assert kept.info["gamma"] == 1 and kept.text == {"prompt": "a cat"}
        assert round(kept.info["dpi"][0]) == 300
    (other,) = run([tmp_path / "a.png"], Order(tmp_path / "other.jpg"), settings)
    assert other.notes == (f"{large}, gamma (gAMA), text “prompt”",)
    with Image.open(tmp_path / "other.jpg") as printed:
        assert printed.info["dpi"] == (300, 300)
    stripped = Order(tmp_path / "bare.png", strip_metadata=True)
    run([tmp_path / "a.png"], stripped, settings)
    with Image.open(tmp_path / "bare.png") as bare:
        assert bare.info == {"gamma": 1.0}


def test_grey_stays_grey_and_sixteen_bits_stay_sixteen(tmp_path: Path, settings: Settings) -> None:
    values = np.random.default_rng(0).integers(20_000, 40_000, (16, 16), np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    for name in ("b.png", "b.tif"):
        (outcome,) = run([tmp_path / "a.png"], Order(tmp_path / name), settings)
        assert outcome.notes == ()
        written = Image.open(tmp_path / name)
        assert written.mode.startswith("I;16")
        assert 0 < np.abs(np.asarray(written).astype(int) - values).max() < 20_000


def test_a_transparent_border_gets_no_fringe(tmp_path: Path, settings: Settings) -> None:
    pixels = np.full((24, 24, 4), (0, 255, 0, 0), np.uint8)  # green where nobody sees it
    pixels[6:18, 6:18] = (200, 60, 60, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    zero = settings.weights.with_name("zero.safetensors")
    save_file({k: v * 0 for k, v in MIMOUNet(1).state_dict().items()}, zero)
    run([tmp_path / "a.png"], Order(tmp_path / "b.png", 3), replace(settings, weights=zero))
    result = np.asarray(Image.open(tmp_path / "b.png"))
    seen = result[result[..., 3] > 0]
    assert result.shape == (72, 72, 4) and len(seen) > 36 * 36
    assert np.abs(seen[:, :3].astype(int) - (200, 60, 60)).max() <= 1


def test_of_an_animation_the_first_frame_comes_with_a_note(
    tmp_path: Path, settings: Settings
) -> None:
    frames = [picture(16, 16), picture(16, 16).rotate(90)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    (outcome,) = run([tmp_path / "a.gif"], Order(tmp_path / "out"), settings)
    assert outcome.target == tmp_path / "out" / "a.png"
    assert "animated: the first of 2 frames was used" in outcome.notes


def test_a_result_that_is_too_large_or_not_finite_is_a_failure(
    shot: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_PIXELS", 20 * 28 * 4 - 1)
    (outcome,) = run([shot], Order(tmp_path / "a.png", 2), settings)
    assert outcome.status == "failed" and "enlarge it less" in outcome.notes[0]
    broken = settings.weights.with_name("nan.safetensors")
    save_file({k: v * float("nan") for k, v in MIMOUNet(1).state_dict().items()}, broken)
    (outcome,) = run([shot], Order(tmp_path / "a.png"), replace(settings, weights=broken))
    assert outcome.status == "failed" and "not finite" in outcome.notes[0]
    assert names(tmp_path) == ["in/shot.png"]


def test_weights_are_checked_before_anything_is_written(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(CheckpointError):
        next(
            restore_files(
                [Source(tmp_path / "a.png", Path("a.png"))],
                Order(tmp_path / "out"),
                replace(settings, weights=tmp_path / "none.safetensors"),
            )
        )
    assert names(tmp_path) == []


def test_progress_tells_the_tiles_and_the_time_left(
    shot: Path, tmp_path: Path, settings: Settings
) -> None:
    lines: list[str] = []
    picture(8, 300).save(shot.parent / "wide.png")
    tiled = replace(settings, tile=128)
    sources = find_sources([str(shot.parent)])
    list(restore_files(sources, Order(tmp_path / "out"), tiled, lines.append))
    assert "1 of 2, shot.png: reading" in lines
    assert any(line.startswith("2 of 2, wide.png: 1 of 3 tiles, about ") for line in lines)
    assert "2 of 2, wide.png: 3 of 3 tiles" in lines
