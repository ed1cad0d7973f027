"""The command line as people use and misuse it: exit codes, one-line errors, no tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import get_args

import pytest
from PIL import Image

from agent import Agent, Question
from agent.cli import shared
from agent.report.formats import text_formats
from agent.settings import Precision
from tests.cli.command import run

SEED = (
    "I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does this "
    "model preserve structure so clearly without introducing blur?"
)
CARD = """\
models:
  - id: net
    name: Net-Plus
    task: deblurring
    summary: Net-Plus removes blur.
    links: {paper: "https://example.org/net"}
"""


def process(
    *arguments: str, stdin: str | None = None, **options: object
) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "agent", *arguments],
        input=stdin,
        capture_output="stdout" not in options,
        text=True,
        timeout=120,
        **options,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["asq"], 2, "invalid choice"),
        (["ask"], 2, "give either a question or --brief"),
        (["ask", ""], 2, "empty"),
        (["ask", "  \n "], 2, "empty"),
        (["ask", "why\x00?"], 2, "U+0000"),
        (["ask", "why?", "-i", "https://a.test/b.png"], 2, "is a network address"),
        (["ask", "why?", "-i", ""], 2, "path is empty"),
        (["ask", "why?", "-o", "report.html"], 2, "looks like a file"),
        (["batch", "s3://bucket/q.csv", "-o", "r"], 2, "is a network address"),
        (["batch", "q.csv", "-o", "r.csv"], 2, "looks like a file"),
        (["rsa", "http://a.test/", "-o", "r"], 2, "is a network address"),
        (["train", "samples", "a.png", "-o", "a.heic"], 2, "expected one of .png"),
        (["read", "file://server/a.png"], 2, "is a network address"),
        (["ask", "why \x1b[31m?"], 2, "U+001B"),
        (["ask", "x" * 1_000_000], 2, "1,000,000 characters"),
        (["ask", "why?", "--upscale", "9"], 2, "--upscale"),
        (["ask", "why?", "-i", "/nowhere.png"], 2, "/nowhere.png"),
        (["ask", "why?", "-i", "."], 2, "folder"),
        (["ask", "--brief", "/nowhere.md"], 2, "/nowhere.md"),
        (["ask", "why?", "-o", __file__], 2, "name a folder"),
        (["ask", "why?", "--registry", "/nowhere.yaml"], 3, "/nowhere.yaml"),
        (["registry", "show", "mimo-unet-pls"], 2, "mimo-unet-plus"),
        (["registry", "add", "not-an-id"], 2, "not-an-id"),
        (["registry", "search"], 2, "give a text"),
        (["config", "get", "devise"], 3, "did you mean device?"),
        (["config", "set", "max_pixels", "many"], 3, "max_pixels: got 'many'; expected a"),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_line_and_its_exit_code(arguments, code, said, capsys):
    assert run(*arguments) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1 and error.startswith("groundglass: ")
    assert "Traceback" not in error and "\x1b" not in error and "\x00" not in error


def test_a_faulty_registry_names_every_problem_with_its_line(tmp_path, capsys):
    path = tmp_path / "cards.yaml"
    path.write_text(CARD.replace("task:", "tsk:") + "    year: soon\n")
    assert run("registry", "check", str(path)) == 3
    problems = capsys.readouterr().err.splitlines()
    assert any(f"{path}:4" in line and "task" in line for line in problems)
    assert any(f"{path}:7" in line and "year" in line for line in problems)


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_registry_may_be_named_anywhere_and_is_all_that_is_cited(place, tmp_path, capsys):
    path = tmp_path / "cards.yaml"
    path.write_text(CARD)
    question = ["ask", "how does Net-Plus work?", "--format", "json"]
    option = ["--registry", str(path)]
    assert run(*(option + question if place == "before" else question + option)) == 0
    report = json.loads(capsys.readouterr().out)
    assert [r["card"] for r in report["answer"]["references"]] == ["net"]


@pytest.fixture
def cards(tmp_path):
    path = tmp_path / "cards.yaml"
    path.write_text(CARD)
    return path


def test_several_registries_are_read_as_one_in_their_order(cards, capsys):
    both = ("--registry", cards, "--registry", "upscalers")
    assert run("registry", "list", *both) == 0
    assert [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()] == [
        "net", "real-esrgan", "real-cugan", "waifu2x",
    ]  # fmt: skip
    assert run("registry", "check", *both) == 0


def test_a_registry_that_is_named_twice_is_read_once(cards):
    assert run("registry", "check", cards, cards) == 0


def test_two_registries_with_a_card_of_one_id_are_refused(cards, tmp_path, capsys):
    (other := tmp_path / "other.yaml").write_text(CARD)
    assert run("registry", "check", cards, other) == 3
    assert "already has a card with that id" in capsys.readouterr().err


def test_a_card_is_not_added_to_several_registries(cards, capsys):
    both = ("--registry", cards, "--registry", "upscalers")
    assert run("registry", "add", "arxiv:2108.05054", "--write", *both) == 2
    assert "name the one to extend" in capsys.readouterr().err


@pytest.mark.slow
def test_the_seed_question_is_answered_on_a_picture(weights, picture, tmp_path, capsys):
    folder = tmp_path / "report"
    code = run(
        "ask", SEED, "-i", str(picture), "--weights", str(weights), "-f", "json", "-o", str(folder)
    )
    assert code == 0
    report = json.loads(capsys.readouterr().out)
    assert report["matches"][0]["card"] == "mimo-unet-plus"
    assert report["parsed"]["factor"] == 3
    run_ = report["runs"][0]
    assert (run_["card"], run_["status"]) == ("mimo-unet-plus", "ran")
    size = {e["id"]: e["value"] for e in report["evidence"]}
    assert (size["shot.output-width"], size["shot.output-height"]) == (120, 96)
    assert report["answer"]["status"] == "answered"
    restored = Image.open(folder / "shot-restored.png")
    enlarged = Image.open(folder / "shot-enlarged.png")
    assert restored.size == (120, 96)
    assert restored.tobytes() == enlarged.tobytes()  # zero weights return the input
    assert json.loads((folder / "report.json").read_text()) == report


def test_without_weights_the_answer_comes_and_says_that_nothing_ran(picture, tmp_path, capsys):
    missing = tmp_path / "none.safetensors"
    assert run("ask", SEED, "-i", str(picture), "--weights", str(missing), "-f", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["runs"][0]["tool"], report["runs"][0]["status"]) == ("restore", "skipped")
    assert not any("restored" in e["measured_on"] for e in report["evidence"])
    assert report["answer"]["status"] == "partly"
    assert any("MIMO-UNet+ was not run" in limit for limit in report["answer"]["limits"])
    cited = {c for s in report["answer"]["statements"] if s["evidence"] for c in s["claims"]}
    assert "mimo-unet-plus/task" not in cited


def test_weights_that_do_not_fit_fail_the_run_and_not_the_answer(picture, tmp_path, capsys):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no weights")
    assert run("ask", SEED, "-i", str(picture), "--weights", str(bad), "-f", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["runs"][0]["status"] == "failed" and report["answer"]["statements"]


@pytest.mark.parametrize("form", [form.key for form in text_formats()])
def test_the_same_input_gives_the_same_output(form, capsys):
    outputs = []
    for _ in range(2):
        assert run("ask", "Which loss does MIMO-UNet+ use?", "--format", form) == 0
        out = capsys.readouterr().out
        if form == "json":
            out = {k: v for k, v in json.loads(out).items() if k not in ("created", "seconds")}
        else:
            out = [line for line in out.splitlines() if "registry " not in line]
        outputs.append(out)
    assert outputs[0] == outputs[1] and outputs[0]


def test_python_and_command_line_give_the_same_answer(capsys):
    assert run("ask", SEED, "-f", "json") == 0
    report = json.loads(capsys.readouterr().out)
    made = json.loads(Agent().ask(Question(text=SEED)).model_dump_json())
    for key in set(report) - {"created", "seconds"}:
        assert report[key] == made[key], key


def test_strict_passes_where_everything_is_verified(capsys):
    assert run("ask", SEED, "--strict") == 0
    assert "groundglass" in capsys.readouterr().out


def test_the_question_may_come_from_standard_input():
    done = process("ask", "-", "-f", "json", stdin="Which loss does MIMO-UNet+ use?")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["parsed"]["topics"] == ["loss"]


def test_the_text_only_path_loads_no_framework():
    program = (
        "import sys; from agent.cli import main; "
        "code = main(['ask', 'Which loss does MIMO-UNet+ use?']); "
        "heavy = {'torch', 'langchain', 'langchain_core', 'openai', 'arxiv', 'gradio', 'ray', "
        "'rapidocr', 'rich', 'PIL'} & set(sys.modules); "
        "sys.exit(f'loaded {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_precision_can_be_named():
    assert get_args(Precision) == shared.PRECISIONS


@pytest.mark.parametrize("program", ["import agent", "from agent.cli.commands import parser"])
def test_import_and_help_load_next_to_nothing(program):
    guard = (
        f"{program}; import sys; heavy = {{'torch', 'onnxruntime', 'numpy', 'pydantic', 'yaml', "
        "'rich'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", guard], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_ends_in_one_line():
    with open("/dev/full", "w") as full:
        done = process("registry", "list", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "No space left" in done.stderr


def test_the_cards_of_the_registry_are_listed(capsys):
    assert run("registry", "list") == 0
    assert "mimo-unet-plus" in capsys.readouterr().out


def test_a_card_is_shown_as_json(capsys):
    assert run("registry", "show", "llavar") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "LLaVAR"


def test_a_search_puts_the_card_that_fits_best_first(capsys):
    assert run("registry", "search", "read", "words", "in", "a", "poster") == 0
    assert "llavar" in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    "arguments", [["registry", "schema"], ["schema", "report"], ["schema", "registry"]]
)
def test_a_schema_is_printed(arguments, capsys):
    assert run(*arguments) == 0
    assert "$defs" in json.loads(capsys.readouterr().out)


def test_the_registry_that_ships_passes_its_check():
    assert run("registry", "check") == 0


def test_bulk_search_writes_a_line_for_each_question(tmp_path, capsys):
    questions, results = tmp_path / "q.jsonl", tmp_path / "out.jsonl"
    questions.write_text('{"id": "a", "question": "Which loss does MIMO-UNet+ use?"}\n')
    assert run(
        "registry", "search", "--questions", str(questions), "--top", "2", "-o", str(results)
    ) == 0  # fmt: skip
    line = json.loads(results.read_text())
    assert set(line) == {"id", "results", "scores", "abstain", "confidence"}
    assert line["results"][0] == "mimo-unet-plus" and len(line["results"]) == 2
    assert line["abstain"] is False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "level", "ran"),
    [
        ([], None, True),
        (["--no-run"], None, False),
        (["--evidence", "none"], "core", False),
        ([], "none", False),
    ],
)
def test_how_much_runs_is_said_by_flag_or_environment(
    flags, level, ran, weights, picture, capsys, monkeypatch
):
    if level:
        monkeypatch.setenv("GROUNDGLASS_EVIDENCE", level)
    asked = ("ask", SEED, "-i", str(picture), "--weights", str(weights), *flags, "-f", "json")
    assert run(*asked) == 0
    report = json.loads(capsys.readouterr().out)
    assert any(r["status"] == "ran" for r in report["runs"]) == ran
    assert bool(report["evidence"]) == ran


def test_a_tile_that_does_not_exist_is_refused_with_all_that_do(capsys, picture, tmp_path):
    assert run("restore", str(picture), "--tile", "abc", "-o", str(tmp_path / "a.png")) == 3
    assert (
        "--tile: got 'abc'; expected 'auto', 'exact', or a side in pixels: at least 128"
        in capsys.readouterr().err
    )


def test_a_level_that_does_not_exist_is_refused(capsys, monkeypatch):
    monkeypatch.setenv("GROUNDGLASS_EVIDENCE", "all")
    assert run("ask", SEED) == 3
    assert "got 'all'; expected 'none', 'core' or 'full'" in capsys.readouterr().err


def test_a_batch_answers_rows_and_tells_of_those_that_failed(tmp_path, capsys):
    questions, folder = tmp_path / "q.csv", tmp_path / "out"
    questions.write_text("id,question,upscale\na,Which loss does MIMO-UNet+ use?,\nb,Why?,99\n")
    assert run("batch", str(questions), "-o", str(folder)) == 1
    said = capsys.readouterr()
    assert "2 rows: 1 answered, 1 failed" in said.err and said.out == ""
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert [line["status"] for line in lines] == ["answered", "error"]
    assert run("batch", str(questions), "-o", str(folder), "--limit", "1") == 0
    assert "1 row (1 of them earlier): 1 answered" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["/nowhere.csv", "-o", "out"], 2, "/nowhere.csv"),
        ([__file__, "-o", "out"], 2, "--from"),
        (["q.csv", "-o", __file__], 2, "name a folder"),
        (["q.csv", "-o", "out", "--workers", "0"], 2, "--workers"),
        (["q.csv"], 2, "-o"),
    ],
)
def test_a_batch_that_cannot_start_says_why(arguments, code, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("batch", *arguments) == code
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


@pytest.mark.parametrize("noun", ["report", "registry", "workflow", "result", "comparison"])
def test_every_schema_is_a_schema(noun, capsys):
    validators = pytest.importorskip("jsonschema")
    assert run("schema", noun) == 0
    validators.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))
