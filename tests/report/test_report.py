"""The Report that people are given is that of `agent.types` in all but its methods."""

from __future__ import annotations

import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest

import agent
from agent import types
from agent.report.folder import write
from agent.report.markdown import to_markdown
from agent.report.reader import read_report
from agent.report.report import Report
from agent.report.schema import to_json


def shown(report: types.Report) -> Report:
    """The same report as people are given it."""
    return Report(**vars(report))


def test_whoever_asks_reads_or_imports_a_report_can_have_it_as_markdown(tmp_path: Path) -> None:
    asked = agent.Agent().ask(agent.Question(text="Which loss does MIMO-UNet+ use?"))
    write(asked, tmp_path / "out")
    read = read_report(tmp_path / "out")
    parsed = agent.Report.model_validate_json(asked.model_dump_json())
    for report in (asked, read, parsed, read.model_copy(update={"seconds": 2.0})):
        assert isinstance(report, agent.Report)
        assert report.to_markdown() == to_markdown(report)


def test_it_equals_the_data_that_it_holds_and_nothing_else(make: SimpleNamespace) -> None:
    data = make.report()
    assert shown(data) == data and data == shown(data) and shown(data) == shown(data)
    for other in (make.abstaining(), data.model_copy(update={"pictures": {}}), None, "report"):
        assert shown(data) != other and other != shown(data)


def test_it_survives_pickling_copying_and_json(make: SimpleNamespace) -> None:
    report = shown(make.report())
    for same in (pickle.loads(pickle.dumps(report)), report.model_copy()):
        assert type(same) is Report and same == report
    assert to_json(report) == to_json(make.report())
    assert report.model_dump_json() == make.report().model_dump_json()
    assert Report.model_validate_json(to_json(report)) == make.report(pictures={})


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_both_classes_have_one_schema(mode: str) -> None:
    assert Report.model_json_schema(mode=mode) == types.Report.model_json_schema(mode=mode)
