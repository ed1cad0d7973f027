from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from agent.imaging.picture import Picture
from agent.imaging.reading import read
from agent.settings import Settings
from agent.systems.catalogue import spec_of
from agent.systems.run import run_tool
from agent.systems.spec import Job
from agent.systems.upscaling.catalogue import UPSCALERS
from agent.systems.upscaling.spec import DEFAULTS

EACH = pytest.mark.parametrize("key", DEFAULTS)


@pytest.fixture
def picture() -> Picture:
    whole = read(Path(__file__).parents[3] / "examples/web-page.png")
    return Picture("page.png", np.ascontiguousarray(whole.pixels[60:124, 60:156]))


@EACH
def test_a_tool_tells_of_the_upscaler_that_runs(key: str) -> None:
    upscaler = UPSCALERS[DEFAULTS[key]]
    assert spec_of(key).network == upscaler.name and upscaler.package in spec_of(key).packages


@EACH
def test_a_missing_package_skips_the_tool_with_the_line_that_installs_it(
    key: str, picture: Picture
) -> None:
    package = UPSCALERS[DEFAULTS[key]].package
    if find_spec(package.replace("-", "_")) and find_spec("ncnn"):
        pytest.skip("the packages are installed here")
    made = run_tool(spec_of(key), Job("card", picture, "page", 2), Settings(), lambda _: None)
    assert made.result.status == "skipped"
    assert made.result.reason and "pip install 'groundglass[upscalers]'" in made.result.reason


@pytest.mark.slow
@EACH
def test_what_ran_is_told_of_the_network_and_of_no_other(key: str, picture: Picture) -> None:
    spec = spec_of(key)
    made = run_tool(spec, Job("card", picture, "page", 3), Settings(), lambda _: None)
    result = made.result
    if result.status == "skipped":
        pytest.skip(result.reason or "")
    assert result.status == "ran", result.reason
    upscaler = UPSCALERS[DEFAULTS[key]]
    told = result.provenance
    assert told.versions.keys() == set(spec.packages) and told.dtype == "float32"
    files = [line for line in told.licences if "SHA-256" in line]
    assert files and told.weights_sha256 and files[0].endswith(told.weights_sha256)
    found = {item.id.removeprefix("page."): item for item in result.evidence}
    assert found["network-scale"].quantity == f"enlargement by {upscaler.name}"
    said = " ".join(s.text for s in spec.wording(result, found))
    assert "was given to the network as it is; what it gave has 288 × 192 px" in said
    reduced = found["network-scale"].value > 3
    captions = {artefact.name: artefact.caption for artefact in result.artefacts}
    caption = captions["page-restored.png"]
    assert f"restored by {upscaler.name}" in caption and ("reduced to 3" in caption) == reduced
    assert ("reduced from 4 to 3 times" in said) == reduced
    assert "MIMO" not in said + " ".join(captions.values())
