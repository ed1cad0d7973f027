"""What the server costs: its start, its memory, and a text answer beside one in the same process.

    python benchmarks/server.py [--runs 30]

Starts `groundglass serve`, waits for its first byte, and asks the same question over `/v1`, over
the page, and of an `Agent` in this process. Times are the median; what counts is what HTTP adds.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))
from agent import Agent, Question
from agent.report.markdown import to_markdown
from tests.web.serving import running

QUESTION = "Which loss does MIMO-UNet+ use, and why?"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    agent = Agent()
    agent.ask(Question(text=QUESTION))  # fills the caches

    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with running(Path(folder), "--client-rate", "0") as (address, _):
            read(f"{address}/")
            print(f"start to the first page            {time.perf_counter() - begun:8.2f} s")
            print(f"resident before the first question {resident(address) / 1e6:8.0f} MB")
            ask_endpoint(address)
            print(f"resident after a text question     {resident(address) / 1e6:8.0f} MB")
            inside = median(runs, lambda: to_markdown(agent.ask(Question(text=QUESTION))))
            print(f"text answer in the same process    {inside * 1e3:8.1f} ms")
            for name, ask in (("/v1", ask_endpoint), ("the page", ask_page)):
                taken = median(runs, lambda ask=ask: ask(address))
                more = (taken - inside) * 1e3
                print(f"text answer over {name:18}{taken * 1e3:8.1f} ms, {more:.1f} ms more")


def median(runs: int, work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def read(address: str, body: bytes | None = None, **headers: str) -> str:
    asked = urllib.request.Request(address, body, headers)
    with urllib.request.urlopen(asked, timeout=300) as response:
        return str(response.read().decode())


def ask_endpoint(address: str) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": QUESTION}]}).encode()
    assert "Fourier" in read(f"{address}/v1/chat/completions", body)


def ask_page(address: str) -> None:
    assert "Fourier" in read(f"{address}/ask", urlencode({"question": QUESTION}).encode())


def resident(address: str) -> float:
    found = re.search(r"^process_resident_memory_bytes (\S+)$", read(f"{address}/metrics"), re.M)
    assert found
    return float(found[1])


if __name__ == "__main__":
    main()
