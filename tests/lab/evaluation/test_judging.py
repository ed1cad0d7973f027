"""The measure of judges: on scripted ones, and what it makes of our own statements."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from agent import registry as registries
from agent.cli import main
from agent.errors import ConfigError, InputError, ServiceError
from agent.files import DEFAULT_REGISTRY
from agent.lab.evaluation.judging import (
    JudgeQuality,
    Outcome,
    Statement,
    evaluate,
    evaluate_swaps,
    judge_statements,
    read_statements,
)
from agent.llm import LanguageModel, Refused, Scripted
from agent.llm.prompts import Prompt, Prompts
from agent.registry import Registry
from agent.settings import Settings

STATEMENTS = Path(__file__).with_name("statements.jsonl")
FACT = "mimo-unet-plus/no-licence"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return registries.load(DEFAULT_REGISTRY)


@pytest.fixture(scope="module")
def statements(registry: Registry) -> list[Statement]:
    return list(read_statements(STATEMENTS, registry))


def judge(script) -> LanguageModel:
    return LanguageModel(Scripted(script), Prompts())


def knowing(statements: list[Statement]):
    """A judge that knows every label."""
    supported = {one.text for one in statements if one.label == "supported"}

    def script(prompt: Prompt) -> str:
        judgements = []
        for line in prompt.values["sentences"]:
            number, _, rest = line.partition(" ")
            verdict = "entailed" if rest.partition("): ")[2] in supported else "contradicted"
            judgements.append({"number": int(number), "verdict": verdict, "missing": ""})
        return json.dumps({"judgements": judgements})

    return script


def test_our_statements_are_as_many_true_as_false_over_all_cards(statements, registry):
    assert Counter(one.label for one in statements) == {"supported": 20, "unsupported": 20}
    cards = Counter((one.label, one.facts[0].partition("/")[0]) for one in statements)
    assert len(cards) == 8 and set(cards.values()) == {5}
    facts = {text for card in registry.cards() for text in card.facts().values()}
    assert facts.isdisjoint(one.text for one in statements)


def test_a_judge_that_knows_has_nothing_wrong_and_each_statement_keeps_its_own_verdict(
    statements, registry
):
    outcomes = judge_statements(statements, judge(knowing(statements)), registry)
    assert [one.statement for one in outcomes] == statements
    result = JudgeQuality("knowing", outcomes)
    assert result.wrong == []
    assert result.matrix["supported"]["entailed"] == 20
    assert result.matrix["unsupported"]["contradicted"] == 20


def test_a_judge_sees_both_labels_in_every_call_and_only_facts_that_are_cited(statements, registry):
    prompts = []

    def script(prompt: Prompt) -> str:
        prompts.append(prompt)
        return knowing(statements)(prompt)

    judge_statements(statements, judge(script), registry)
    labels = {one.text: one.label for one in statements}
    for prompt in prompts:
        texts = [line.partition("): ")[2] for line in prompt.values["sentences"]]
        assert {labels[text] for text in texts} == {"supported", "unsupported"}
        assert len(prompt.values["sources"]) <= len(texts)


@pytest.mark.parametrize("reply", ["no JSON", '{"judgements": []}', Refused("refused")])
def test_what_a_judge_leaves_open_is_not_judged_and_counts_as_wrong(statements, registry, reply):
    def script(prompt: Prompt) -> str:
        if isinstance(reply, Exception):
            raise reply
        return reply

    result = JudgeQuality("silent", judge_statements(statements[:3], judge(script), registry))
    assert result.matrix["supported"]["not judged"] == 3 == len(result.wrong)


def test_a_judge_that_cannot_be_reached_ends_the_measurement(statements, registry):
    def script(prompt: Prompt) -> str:
        raise ServiceError("m: cannot be reached")

    with pytest.raises(ServiceError):
        judge_statements(statements, judge(script), registry)


def test_exact_checks_stand_beside_the_judge_and_either_keeps_a_statement_from_the_reader():
    def outcome(label, verdict, *faults):
        statement = Statement(text="x", facts=(FACT,), label=label, kind="k")
        return Outcome(statement, verdict, "", faults)

    result = JudgeQuality(
        "m",
        [
            outcome("supported", "entailed"),
            outcome("supported", "entailed", "wrong number"),
            outcome("unsupported", "entailed", "wrong number"),
            outcome("unsupported", "partly"),
            outcome("unsupported", "not judged"),
        ],
    )
    false = result.to_dict()["labels"]["unsupported"]
    assert false == {"statements": 3, "judge_right": 1, "exact_checks_right": 1, "pass_both": 0}
    assert result.to_dict()["labels"]["supported"]["pass_both"] == 1
    table = result.to_table()
    assert table.count("WRONG") == 2 == len(result.to_dict()["wrong"])
    assert "WRONG unsupported (k), judged entailed" in table


def test_a_line_that_does_not_fit_is_named(tmp_path, registry):
    path = tmp_path / "s.jsonl"
    line = {"text": "x", "facts": [FACT], "label": "supported", "kind": "k"}
    for wrong, said in (
        ({"label": "true"}, "'label' does not fit"),
        ({"facts": []}, "'facts' does not fit"),
        ({"facts": ["mimo-unet-plus/aliens"]}, "no fact 'mimo-unet-plus/aliens'"),
        ({"facts": ["aliens/x"]}, "no fact 'aliens/x'"),
    ):
        path.write_text(json.dumps(line | wrong))
        with pytest.raises(InputError, match=said):
            list(read_statements(path, registry))
    path.write_text("\n")
    with pytest.raises(InputError, match="has no statements"):
        list(read_statements(path, registry))


def test_without_a_judge_there_is_nothing_to_measure():
    for settings in (Settings(), Settings(model="scripted:x.yaml", judge="none")):
        with pytest.raises(ConfigError, match="--model"):
            evaluate(STATEMENTS, settings)


@pytest.mark.slow
def test_swaps_are_counted_with_the_exact_checks_alone_and_with_a_judge(tmp_path):
    alone = evaluate_swaps(Settings())
    assert alone.judged is None and alone.to_dict()["with_judge"] is None
    assert "exact checks alone" in alone.to_table()
    script = tmp_path / "judge.yaml"
    script.write_text("- refuse: I would rather not", "utf-8")
    judged_too = evaluate_swaps(Settings(judge=f"scripted:{script}"))
    assert judged_too.exact == alone.exact
    assert judged_too.judged and judged_too.judged.passed["all"] == 0
    assert judged_too.judged.cases == alone.exact.cases
    assert "and scripted:judge.yaml" in judged_too.to_table()


def test_the_command_prints_a_table_and_json(tmp_path, capsys):
    statement = STATEMENTS.read_text("utf-8").splitlines()[0]
    (tmp_path / "one.jsonl").write_text(statement)
    script = tmp_path / "judge.yaml"
    script.write_text(
        "- reply: {judgements: [{number: 1, verdict: partly, missing: its sizes}]}", "utf-8"
    )
    command = ["evaluate", "judge", "--model", f"scripted:{script}"]
    command += ["--statements", str(tmp_path / "one.jsonl")]
    assert main(command) == 0
    assert "WRONG supported" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["matrix"]["supported"]["partly"] == 1
