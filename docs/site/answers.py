"""Write docs/answers.md: one answer of each kind, as the program gives it. `make answers-page`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from agent import Agent, Question
from agent.llm import LanguageModel, Scripted
from agent.llm.prompts import Prompts
from agent.report.markdown import answer_markdown
from tests.llm.recorded import recordings

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "answers.md"
IMAGE = REPOSITORY / "examples" / "web-page.png"
RECORDED = Path(__file__).with_name("recorded.yaml")

_HEAD = """\
# What answers look like

The first sentences answer the question; task, workflow and references follow, at a length that
suits the question. All but the last two were composed offline, without a language model; for
those, the replies of one were recorded and are played back ([what it may do](models.md)). A report
also has the table of measurements, the pictures that were made, and what ran; here they are left
out. Run `make answers-page` to regenerate this page.
"""
#: The addresses of marks such as [1], which every answer has for itself.
_DEFINITION = re.compile(r"^\[E?\d+\]: #.*$", re.MULTILINE)
_MARK = re.compile(r"\[(E?\d+)\](?!\()")
_HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
_MEASURED = "## What was measured on your picture"
_REFERENCES = "## 3. References"


class Example(NamedTuple):
    """A question, what kind it is of, and whether the example picture is attached."""

    kind: str
    question: str
    with_picture: bool = False
    recorded: bool = False
    """Whether a language model, whose replies were recorded, words the answer."""

    def section(self, agent: Agent) -> str:
        """The question and its answer as a section of the page."""
        images = (IMAGE,) if self.with_picture else ()
        agent.llm = self._language_model(agent) if self.recorded else None
        report = agent.ask(Question(text=self.question, images=images))
        text = _on_page(answer_markdown(report))
        attached = f" *(with `{IMAGE.name}`)*" if self.with_picture else ""
        return f"## {self.kind}\n\n**{self.question}**{attached}\n\n{_quoted(text)}\n"

    def _language_model(self, agent: Agent) -> LanguageModel:
        """A language model that says what was recorded of one."""
        said = {recording.question.text: recording for recording in recordings(RECORDED)}
        script = said[self.question].script(agent.registry)
        return LanguageModel(Scripted(script), Prompts())


_SEED = (
    "I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does this "
    "model preserve structure so clearly without introducing blur?"
)
EXAMPLES = (
    Example("A definition", "What is LLaVAR?"),
    Example("A property", "How many parameters does the deblurring network have?"),
    Example("Yes or no", "Is my picture sent anywhere?"),
    Example("A false premise", "MIMO-UNet+ beats NAFNet on GoPro, doesn't it?"),
    Example("A comparison", "What is the difference between MIMO-UNet+ and FeatSharp?"),
    Example("Which should I use?", "Which of the systems should I use to read a sign in a photo?"),
    Example("How to", "How do I sharpen a whole folder of photos?"),
    Example(
        "Why, with a picture",
        _SEED,
        with_picture=True,
    ),
    Example(
        "About a picture", "I enlarged this 3x. Are the letters still right?", with_picture=True
    ),
    Example("A complaint", "I deblurred my photo and it still looks smeary. What went wrong?"),
    Example("Several at once", "Who made LLaVAR? And what is its licence?"),
    Example("Another language", "Warum bleiben beim Schärfen mit MIMO-UNet+ die Kanten scharf?"),
    Example("Declined", "How do I bake bread?"),
    Example("Why, composed offline", _SEED),
    Example("The same, in the words of a language model", _SEED, recorded=True),
    Example(
        "Another language, in the words of a language model",
        "Warum bleiben die Kanten scharf, wenn ich mein Bild mit MIMO-UNet+ 3x vergrößere?",
        recorded=True,
    ),
)


def page(agent: Agent) -> str:
    """The whole page; with the pictures it takes about a minute."""
    return "\n".join((_HEAD, *(example.section(agent) for example in EXAMPLES)))


def _on_page(answer: str) -> str:
    """Without what leads elsewhere in a report; headings are bold, to stay out of the menu."""
    before, heading, after = _DEFINITION.sub("", answer).partition(_MEASURED)
    if heading:
        measured, references, rest = after.partition(_REFERENCES)
        (told,) = (block for block in measured.split("\n\n") if _is_told(block))
        after = f"\n\n{told}\n\n{references}{rest}"
    plain = _MARK.sub(r"\1", f"{before}{heading}{after}".strip())
    return _HEADING.sub(r"**\1**", plain)


def _is_told(block: str) -> bool:
    """Whether a block holds sentences on what was measured; no table, file or provenance."""
    return block.startswith("- ") and not block.startswith(("- `", "- [`"))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


if __name__ == "__main__":
    PAGE.write_text(page(Agent()), "utf-8")
