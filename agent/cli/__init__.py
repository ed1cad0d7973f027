"""The command `groundglass`: its commands in `commands`, their errors and exit codes here."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from agent.cli import streams
from agent.errors import GroundglassError
from agent.text import visible


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done, 1 failed or not verified under --strict, 2 usage or unreadable input, 3 settings,
    registry or weights, 4 a service on the network, 130 interrupted.
    """
    from agent.cli.commands import parser
    from agent.cli.dotenv import take_env_file

    streams.prepare()
    for complaint in take_env_file():
        _complain(complaint, 0)
    try:
        options = parser().parse_args(arguments)
        code = _run(options) if options.verbose or options.log_file else options.command(options)
        sys.stdout.flush()
        return int(code)
    except GroundglassError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    except BrokenPipeError:
        # The reader has gone, as `| head` does; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}; check the path and the disk", 1)


def _run(options: argparse.Namespace) -> int:
    """Run the command with a log, which also gets what ended it."""
    from agent.cli import verbosity

    verbosity.start(options)
    try:
        return int(options.command(options))
    except BaseException as error:
        verbosity.failed(error)
        raise
    finally:
        verbosity.stop()


def _complain(message: str, code: int) -> int:
    for line in message.splitlines():
        print(f"groundglass: {visible(line)}", file=sys.stderr)
    return code
