"""Settings come from the first that gives them: flag, environment, configuration, default."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agent.cli import main
from agent.cli.setting_sources import config_path, read_config, resolve, write_setting
from agent.errors import ConfigError
from agent.settings import Settings


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "new" / "config.yaml"
    monkeypatch.setenv("GROUNDGLASS_CONFIG", str(path))
    return path


def test_flag_before_environment_before_configuration_before_default(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert resolve()[0].device == Settings().device
    write_setting(config, "device", "one")
    assert (resolve()[0].device, resolve()[1]["device"]) == ("one", str(config))
    monkeypatch.setenv("GROUNDGLASS_DEVICE", "two")
    assert (resolve()[0].device, resolve()[1]["device"]) == ("two", "GROUNDGLASS_DEVICE")
    made, origins = resolve(Namespace(device="three"))
    assert (made.device, origins["device"]) == ("three", "--device")
    monkeypatch.setenv("GROUNDGLASS_DEVICE", "")  # as good as not set
    assert resolve(Namespace(device=None))[0].device == "one"


def test_text_is_read_as_the_type_of_the_setting(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDGLASS_MAX_PIXELS", "1000")
    assert resolve()[0].max_pixels == 1000
    monkeypatch.setenv("GROUNDGLASS_MAX_PIXELS", "many")
    with pytest.raises(ConfigError, match="GROUNDGLASS_MAX_PIXELS: got 'many'"):
        resolve()


def test_paths_of_the_configuration_are_relative_to_it(config: Path) -> None:
    config.parent.mkdir()
    config.write_text("registry: cards.yaml\nweights: ~/net.safetensors\n")
    made, _ = resolve()
    assert made.registry == config.parent / "cards.yaml"
    assert made.weights == Path("~/net.safetensors").expanduser()
    assert resolve(Namespace(registry="cards.yaml"))[0].registry == Path("cards.yaml")


def test_several_registries_are_given_as_a_list(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config.parent.mkdir()
    config.write_text("registry: [cards.yaml, upscalers]\n")
    assert resolve()[0].registry == (config.parent / "cards.yaml", Path("upscalers"))
    given = os.pathsep.join((str(tmp_path / "a.yaml"), "default", "~/b.yaml"))
    monkeypatch.setenv("GROUNDGLASS_REGISTRY", given)
    home = Path("~").expanduser()
    assert resolve()[0].registry == (tmp_path / "a.yaml", Path("default"), home / "b.yaml")
    flags = Namespace(registry=["upscalers", f"odd{os.pathsep}name.yaml"])
    assert resolve(flags)[0].registry == (Path("upscalers"), Path(f"odd{os.pathsep}name.yaml"))


def test_the_name_of_a_registry_that_ships_stays_a_name_unless_there_is_such_a_file(
    config: Path,
) -> None:
    config.parent.mkdir()
    config.write_text("registry: upscalers\n")
    assert resolve()[0].registry == Path("upscalers")
    (config.parent / "upscalers").touch()
    assert resolve()[0].registry == config.parent / "upscalers"


@pytest.mark.parametrize("value", ["[]", "1", "[1]", "{a: b}"])
def test_what_is_no_file_is_no_registry(config: Path, value: str) -> None:
    config.parent.mkdir()
    config.write_text(f"registry: {value}\n")
    with pytest.raises(ConfigError, match="for registry; expected"):
        resolve()


def test_separators_alone_name_no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDGLASS_REGISTRY", os.pathsep)
    with pytest.raises(ConfigError) as raised:
        resolve()
    assert str(raised.value) == (
        f"GROUNDGLASS_REGISTRY: got {os.pathsep!r}; expected the path of a file, or "
        f"several paths separated by {os.pathsep}"
    )


def test_several_registries_are_kept_on_one_line(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for registries in ("default", "upscalers"), ("default",), ("upscalers", "default"):
        assert main(["config", "set", "registry", os.pathsep.join(registries)]) == 0
        assert main(["config", "get", "registry"]) == 0
        said = capsys.readouterr().out.strip()
        assert said == (json.dumps(list(registries)) if len(registries) > 1 else registries[0])
    assert main(["config", "unset", "registry"]) == 0
    assert read_config(config) == {}


def test_paths_are_taken_as_people_give_them(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GROUNDGLASS_WEIGHTS", "~/net.safetensors")
    monkeypatch.setenv("GROUNDGLASS_CACHE", "~/cache")
    made, _ = resolve(Namespace(registry=f"file://{tmp_path}/my%20cards.yaml"))
    assert made.weights == tmp_path / "net.safetensors"
    assert made.cache == Settings().cache == tmp_path / "cache"
    assert made.registry == tmp_path / "my cards.yaml"
    with pytest.raises(
        ConfigError, match=r"--registry: https:/a\.test/c\.yaml: is a network address"
    ):
        resolve(Namespace(registry="https://a.test/c.yaml"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_configuration_is_read_and_changed_whatever_its_encoding(
    config: Path, encoding: str
) -> None:
    config.parent.mkdir()
    config.write_bytes("device: one # ł\r\nrate: 5\r\n".encode(encoding))
    assert (resolve()[0].device, resolve()[0].rate) == ("one", 5)
    write_setting(config, "rate", 6)
    assert (resolve()[0].device, resolve()[0].rate) == ("one", 6)
    assert config.read_bytes().startswith("device: one # ł\r\n".encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"- device", "contains list"),
        (b"device: [", "is not valid YAML"),
        (b"\xff\xfe\x00", "is not UTF-16 text"),
        (b"devise: cpu", "did you mean device?"),
        (b"1: 2", "there is no setting '1'"),
        (b"device: [a, b]", "for device"),
        (b"!!python/object/apply:os.system ['true']", "is not valid YAML"),
        (b"a" * 200_000, "larger than"),
        (b"[" * 50_000, "is not valid YAML"),
    ],
)
def test_a_bad_configuration_is_told_with_its_path(config: Path, content: bytes, said: str) -> None:
    config.parent.mkdir()
    config.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        resolve()
    assert said in str(caught.value) and str(config) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_lines_and_comments_stay(config: Path) -> None:
    config.parent.mkdir()
    config.write_text("# mine\ndevice: cpu  # slow\n\nmax_pixels: 10")
    write_setting(config, "weights", "/net")
    write_setting(config, "device", "cuda")
    assert config.read_text() == "# mine\ndevice: cuda\n\nmax_pixels: 10\nweights: /net\n"
    write_setting(config, "max_pixels", None)
    assert read_config(config) == {"device": "cuda", "weights": "/net"}


def test_a_setting_over_several_lines_is_left_alone(config: Path) -> None:
    config.parent.mkdir()
    before = "device: >\n  cpu\n"
    config.write_text(before)
    with pytest.raises(ConfigError, match="editor"):
        write_setting(config, "device", "cuda")
    assert config.read_text() == before


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("\x85")
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40))
def test_any_text_is_kept_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("max_pixels: 3\n")
    write_setting(path, "device", text)
    assert yaml.safe_load(path.read_bytes()) == {"max_pixels": 3, "device": text}


def test_without_a_name_the_file_is_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROUNDGLASS_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/some/where")
    assert config_path().parts[-2:] == ("groundglass", "config.yaml")


def test_the_command_shows_each_setting_and_where_it_is_from(
    config: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["config", "set", "weights", "net.safetensors"]) == 0
    assert main(["config", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows["weights"] == {"value": str(Path.cwd() / "net.safetensors"), "from": str(config)}
    assert rows["device"] == {"value": "cpu", "from": "default"}


def test_a_setting_that_the_command_unsets_is_the_default_again(
    config: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["config", "set", "weights", "net.safetensors"]) == 0
    assert main(["config", "unset", "weights"]) == 0
    assert main(["config", "get", "weights"]) == 0
    assert capsys.readouterr().out.strip() == str(Settings().weights)


def test_the_command_tells_the_place_of_the_file(
    config: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(config)
