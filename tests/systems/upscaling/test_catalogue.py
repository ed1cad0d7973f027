from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from agent.errors import InputError
from agent.settings import Settings
from agent.systems.spec import NotApplicable
from agent.systems.upscaling.catalogue import UPSCALERS, open_upscaler
from agent.systems.upscaling.files import folder_of
from agent.systems.upscaling.upscaler import total_scale


@pytest.mark.parametrize("key", UPSCALERS)
def test_passes_reach_the_factor_and_stop_at_the_first_that_does(key: str) -> None:
    upscaler = UPSCALERS[key]
    for factor in range(1, 9):
        passes = upscaler.passes(factor)
        assert total_scale(passes) >= factor and set(passes) <= set(upscaler.networks)
        assert len(passes) == 1 or total_scale(passes[1:]) < factor
        if factor in upscaler.scales:
            assert [network.scale for network in passes] == [factor]


@pytest.mark.parametrize(
    ("key", "factor", "scales"),
    [
        ("realesrgan-x4plus", 3, [4]),
        ("realesr-animevideov3", 3, [3]),
        ("realcugan-conservative", 6, [2, 3]),
        ("waifu2x-cunet-noise1", 1, [1]),
        ("waifu2x-photo", 3, [2, 2]),
    ],
)
def test_networks_run_one_after_the_other(key: str, factor: int, scales: list[int]) -> None:
    assert [network.scale for network in UPSCALERS[key].passes(factor)] == scales


def test_files_and_names_belong_to_one_upscaler() -> None:
    files = [network.file for u in UPSCALERS.values() for network in u.networks]
    assert len(set(files)) == len(files)
    assert len({upscaler.name for upscaler in UPSCALERS.values()}) == len(UPSCALERS)
    assert {u.card for u in UPSCALERS.values()} == {"real-esrgan", "real-cugan", "waifu2x"}


def test_an_unknown_upscaler_is_refused_with_those_of_a_similar_name() -> None:
    with pytest.raises(InputError, match=r"no upscaler 'waifu2x'; did you mean waifu2x-"):
        open_upscaler("waifu2x", Settings())


def test_a_missing_package_is_named_with_the_line_that_installs_it() -> None:
    upscaler = UPSCALERS["waifu2x-cunet"]
    family = replace(upscaler.family, package="no-such-ncnn-py")
    with pytest.raises(NotApplicable, match=r"needs .*no-such-ncnn-py; run pip install 'gro"):
        folder_of(replace(upscaler, family=family))


def test_the_catalogue_costs_no_import_of_numpy_or_ncnn() -> None:
    program = (
        "import sys, agent.systems.upscaling.catalogue, agent.systems.upscaling.files;"
        "print([m for m in ('ncnn', 'numpy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
