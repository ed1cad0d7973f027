"""What this program adds around a language model: a model of zero latency answers every prompt.

    python benchmarks/model_overhead.py [--questions 30]

Prints, a question, the processor and wall time of the answer without a model, with one, and their
difference: rendering prompts, reading and checking replies, composing and verifying. The model is
scripted and in the process; what it spends on making its replies up is taken off. The replies are
of the length of an answer, and come in pieces, as from a stream.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

from agent import Agent, Question, Settings
from agent.llm import LanguageModel, Scripted
from agent.llm.prompts import Prompt, Prompts
from agent.types import Report
from tests.llm.honest import honest

QUESTIONS = (
    "Why did MIMO-UNet+ keep the edges sharp when I enlarged my map 3x?",
    "Which loss is MIMO-UNet+ trained with?",
    "Compare FeatSharp and LLaVAR",
    "I upscaled a web image by 3x and the text stayed readable. How does the model do it?",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=30)
    number = parser.parse_args().questions
    agent = Agent(Settings())
    replies: dict[str, str] = {}

    def remembered(prompt: Prompt) -> str:
        """The honest reply, made up the first time and looked up from then on."""
        key = prompt.name + prompt.user
        if key not in replies:
            replies[key] = honest(prompt)
        return replies[key]

    llm = LanguageModel(Scripted(remembered), Prompts())
    rows: dict[str, list[tuple[float, float]]] = {"without": [], "with": []}
    for i in range(number + len(QUESTIONS)):
        question = Question(text=QUESTIONS[i % len(QUESTIONS)])
        for name, chosen in (("without", None), ("with", llm)):
            agent.llm = chosen
            report, wall, cpu = _timed(partial(agent.ask, question))
            assert chosen is None or (report.model and report.model.wrote), report.model
            if i >= len(QUESTIONS):  # the first of each fills the caches
                rows[name].append((wall, cpu))
    print(f"{'a question':22} {'wall median':>12} {'processor median':>17}")
    for name, times in rows.items():
        print(f"{name + ' a model':22} {_median(times, 0):9.1f} ms {_median(times, 1):14.1f} ms")
    pairs = list(zip(rows["with"], rows["without"], strict=True))
    added = [(a[0] - b[0], a[1] - b[1]) for a, b in pairs]
    print(f"{'added by the model':22} {_median(added, 0):9.1f} ms {_median(added, 1):14.1f} ms")


def _timed(ask: Callable[[], Report]) -> tuple[Report, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    report = ask()
    return report, time.perf_counter() - wall, time.process_time() - cpu


def _median(times: list[tuple[float, float]], which: int) -> float:
    return 1000 * statistics.median(row[which] for row in times)


if __name__ == "__main__":
    main()
