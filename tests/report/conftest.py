"""Reports to render: a full one, one that abstains, and pictures small enough to be quick."""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from agent.types import (
    Abstention,
    Answer,
    Artefact,
    Evidence,
    Match,
    ParsedQuestion,
    Provenance,
    Question,
    Reference,
    Report,
    RunResult,
    Statement,
    Verification,
    WorkflowStep,
)

MIMO = "mimo-unet-plus"
DIAGRAM = """flowchart LR
  input["Web image"]
  enlarge["Enlarge 3×"]
  input --> enlarge
  model1["MIMO-UNet+: deblurring"]
  output1["Result, measured"]
  enlarge --> model1
  model1 --> output1
  beside1["LLaVAR: reading text in pictures"]
  output1 -.-> beside1"""


def png(width: int = 12, height: int = 8, grey: int = 90) -> bytes:
    """A flat picture as PNG."""
    file = io.BytesIO()
    Image.new("L", (width, height), grey).save(file, "PNG")
    return file.getvalue()


def reference(**changes: object) -> Reference:
    fields: dict[str, object] = {
        "card": MIMO,
        "name": "Deblur-MIMO-UNet-Plus",
        "title": "Rethinking Coarse-to-Fine Approach in Single Image Deblurring",
        "authors": ("Sung-Jin Cho", "Seo-Won Ji", "Jun-Pyo Hong", "Seung-Won Jung", "Sung-Jea Ko"),
        "year": 2021,
        "venue": "ICCV 2021",
        "arxiv": "2108.05054",
        "links": {
            "paper": "https://arxiv.org/abs/2108.05054",
            "code": "https://github.com/chosj95/MIMO-UNet",
        },
    }
    return Reference.model_validate(fields | changes)


LLAVAR = reference(
    card="llavar",
    name="LLaVAR",
    title="LLaVAR: Enhanced Visual Instruction Tuning for Text-Rich Image Understanding",
    authors=("Yanzhe Zhang", "Ruiyi Zhang"),
    year=2023,
    venue=None,
    arxiv="2306.17107",
    links={"paper": "https://arxiv.org/abs/2306.17107"},
)


def evidence(name: str, value: float, on: str) -> Evidence:
    return Evidence(
        id=f"shot.{name}",
        quantity="median width of strong edges",
        value=value,
        unit="px",
        measured_on=f"shot.png, {on}",
        method="10–90 % rise distance across straight edges",
    )


def run(**changes: object) -> RunResult:
    """A run on shot.png that made three pictures and took two measurements."""
    artefacts = [
        Artefact(name=f"shot-{label}.png", caption=caption, sha256=sha256(content).hexdigest())
        for (label, caption), content in zip(
            (
                ("enlarged", "shot.png, enlarged 3× by bicubic interpolation"),
                ("restored", "shot.png, restored by MIMO-UNet+"),
                ("comparison", "the most detailed part of shot.png, before and after"),
            ),
            pictures().values(),
            strict=True,
        )
    ]
    fields: dict[str, object] = {
        "card": MIMO,
        "tool": "restore",
        "image": "shot.png",
        "status": "ran",
        "evidence": (
            evidence("edge-width-enlarged", 4.21, "enlarged"),
            evidence("edge-width-restored", 2.63, "restored"),
        ),
        "artefacts": artefacts,
        "provenance": Provenance(
            weights_sha256="ab" * 32, versions={"torch": "2.13.0+cpu"}, seconds=3.25
        ),
    }
    return RunResult.model_validate(fields | changes)


def skipped(reason: str = "there are no weights for the network") -> RunResult:
    return run(status="skipped", reason=reason, evidence=(), artefacts=(), provenance={})


def pictures() -> dict[str, bytes]:
    return {
        "shot-enlarged.png": png(grey=80),
        "shot-restored.png": png(grey=120),
        "shot-comparison.png": png(24, 10),
    }


STATEMENTS = (
    Statement(
        section="task",
        text="The part that MIMO-UNet+ plays in it is image deblurring.",
        claims=(f"{MIMO}/task",),
    ),
    Statement(
        section="workflow",
        text="Its decoder emits a picture at every scale, so structure is checked three times.",
        claims=(f"{MIMO}/multi-output",),
    ),
    Statement(
        section="workflow",
        text="A second loss compares the Fourier transforms.",
        claims=(f"{MIMO}/frequency-loss",),
    ),
    Statement(
        section="complementary", text="LLaVAR reads text in pictures.", claims=("llavar/summary",)
    ),
    Statement(
        section="evidence",
        text="The median width of strong edges fell from 4.21 px to 2.63 px.",
        evidence=("shot.edge-width-enlarged", "shot.edge-width-restored"),
    ),
    Statement(
        section="limits", text="It does not enlarge pictures.", claims=(f"{MIMO}/no-enlargement",)
    ),
)


def answer(**changes: object) -> Answer:
    fields: dict[str, object] = {
        "status": "answered",
        "task": "You enlarged a web image by 3× and saw sharp edges; you want to know why.",
        "workflow": (
            WorkflowStep(
                stage="input",
                card=MIMO,
                text="The blurred picture enters at three scales.",
                claims=(f"{MIMO}/workflow-1",),
            ),
            WorkflowStep(
                stage="model",
                card=MIMO,
                text="One network restores all scales.",
                claims=(f"{MIMO}/workflow-2", f"{MIMO}/multi-output"),
            ),
            WorkflowStep(
                stage="output",
                card=MIMO,
                text="The full-size picture comes out.",
                claims=(f"{MIMO}/workflow-3",),
            ),
        ),
        "diagram": DIAGRAM,
        "statements": STATEMENTS,
        "references": (reference(), LLAVAR),
        "limits": ("The registry holds nothing about the memory it needs.",),
    }
    return Answer.model_validate(fields | changes)


def report(**changes: object) -> Report:
    """A full report; `changes` replace fields of it."""
    fields: dict[str, object] = {
        "question": Question(
            text="I upscaled a web image by 3× and the edges stayed sharp. Why?",
            images=(Path("shot.png"),),
        ),
        "parsed": ParsedQuestion(
            intent="explain", operation="enlarge", factor=3, effects=("edges", "text")
        ),
        "matches": (Match(card=MIMO, score=0.8, margin=0.3, reasons=("name",)),),
        "runs": (run(),),
        "evidence": run().evidence,
        "answer": answer(),
        "verification": Verification(statements=6),
        "registry_sha256": "3f2a91c0ffee" + "0" * 52,
        "settings_sha256": "1" * 64,
        "retrieval": "hybrid",
        "version": "0.1.0",
        "created": "2026-11-23T08:00:00+00:00",
        "seconds": 4.5,
        "pictures": pictures(),
    }
    return Report.model_validate(fields | changes)


def abstaining(reason: str = "no_model") -> Report:
    why = "no card of the registry is about baking bread"
    return report(
        question=Question(text="How do I bake bread?"),
        parsed=ParsedQuestion(intent="how_to"),
        matches=(),
        abstention=Abstention.model_validate(
            {
                "reason": reason,
                "explanation": why,
                "nearest": ("llavar",),
                "detail": "confidence: llavar 0.41; required: 0.50",
            }
        ),
        runs=(),
        evidence=(),
        pictures={},
        answer=Answer(status="cannot_answer", task="You want to know how to do it.", limits=(why,)),
        verification=Verification(statements=0),
    )


def direct(**changes: object) -> Report:
    """A report whose direct answer has a note, a table and lines to be copied."""
    statements = (
        ("It depends on the system.", (f"{MIMO}/licence", "llavar/licence"), None),
        ("No: a | b.", (f"{MIMO}/licence",), "MIMO-UNet+"),
        ("Research only.", ("llavar/licence",), "LLaVAR"),
    )
    fields: dict[str, object] = {
        "status": "answered",
        "note": "Ich antworte auf Englisch.",
        "task": "You want to know which you may sell.",
        "statements": [
            {"section": "answer", "text": text, "claims": claims, "row": row}
            for text, claims, row in statements
        ],
        "listing": 'groundglass ask "…"\n  --no-run',
        "references": (reference(), LLAVAR),
    }
    return _without_picture("Which may I sell?", "fact", fields | changes)


def about_program() -> Report:
    statement = {
        "section": "answer",
        "text": "Nothing is sent anywhere.",
        "claims": ("groundglass/offline",),
    }
    fields = {"status": "answered", "task": "You ask.", "statements": [statement]}
    return _without_picture("Is my picture sent anywhere?", "fact", fields)


def small_talk() -> Report:
    return _without_picture("hi", "chat", {"status": "answered", "task": "Hello. Ask something."})


def _without_picture(text: str, intent: str, answer: dict[str, object]) -> Report:
    return report(
        question=Question(text=text),
        parsed={"intent": intent},
        matches=(),
        runs=(),
        evidence=(),
        pictures={},
        answer=answer,
        verification=Verification(statements=0),
    )


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The makers above, under their names."""
    return SimpleNamespace(
        about_program=about_program,
        abstaining=abstaining,
        answer=answer,
        direct=direct,
        evidence=evidence,
        pictures=pictures,
        png=png,
        reference=reference,
        report=report,
        run=run,
        skipped=skipped,
        small_talk=small_talk,
    )
