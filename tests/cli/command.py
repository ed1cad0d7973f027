"""The command, run in the process of the test."""

from __future__ import annotations

from agent.cli import main


def run(*arguments: object) -> int:
    """Exit status of `groundglass` with these arguments."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as ended:
        return int(ended.code or 0)
