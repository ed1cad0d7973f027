"""Where matplotlib keeps its files."""

from __future__ import annotations

import os

from agent.imaging.plotting import keep_matplotlib_in_cache


def test_matplotlib_keeps_its_files_in_our_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MPLCONFIGDIR", "")  # so that what is set here goes when the test ends
    monkeypatch.delenv("MPLCONFIGDIR")
    monkeypatch.setenv("GROUNDGLASS_CACHE", str(tmp_path))
    keep_matplotlib_in_cache()
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "matplotlib")


def test_the_users_own_folder_wins(monkeypatch):
    monkeypatch.setenv("MPLCONFIGDIR", "mine")
    keep_matplotlib_in_cache()
    assert os.environ["MPLCONFIGDIR"] == "mine"
