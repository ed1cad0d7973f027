"""The command line `groundglass`: one module per command, listed in `commands`.

This module turns errors into one-line messages and exit codes. What the commands do is in the rooms
below; nothing here runs a model or decides what an answer says.
"""

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

    0: success. 1: something failed, or an answer is not verified under --strict. 2: wrong usage or
    unreadable input. 3: an error in settings, registry or weights. 4: a web service failed.
    130: interrupted.
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
        # The reader has closed the pipe, as `| head` does; avoid another error at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}; check the path and the disk", 1)


def _run(options: argparse.Namespace) -> int:
    """Run the command with logging, and log the error that ends it."""
    from agent.cli import verbosity

    verbosity.start(options)
    try:
        return int(options.command(options))
    except BaseException as error:
        verbosity.log_error(error)
        raise
    finally:
        verbosity.stop()


def _complain(message: str, code: int) -> int:
    for line in message.splitlines():
        print(f"groundglass: {visible(line)}", file=sys.stderr)
    return code
