"""Logging for --verbose, to standard error, and --log-file, to a file."""

from __future__ import annotations

import argparse
import logging
import sys

from agent.errors import InputError
from agent.text import visible

_LOG = logging.getLogger("agent")


class _Lines(logging.Formatter):
    """One sanitized line per record, followed by the traceback in the file only."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return visible(super().formatMessage(record))


class _OneLine(_Lines):
    """A formatter that omits tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        return self.formatMessage(record)


def start(options: argparse.Namespace) -> None:
    """Set up logging as the options ask.

    Raises:
        InputError: if the log file cannot be written.
    """
    if options.verbose:
        stream_handler = logging.StreamHandler(sys.stderr)
        stream_handler.setLevel(logging.INFO if options.verbose == 1 else logging.DEBUG)
        stream_handler.setFormatter(_OneLine("%(message)s"))
        _add(stream_handler)
    if options.log_file:
        try:
            file_handler = logging.FileHandler(options.log_file, encoding="utf-8", errors="replace")
        except OSError as error:
            where = visible(str(options.log_file))
            raise InputError(
                f"{where}: cannot be written ({error.strerror}); name another --log-file"
            ) from error
        file_handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        _add(file_handler)


def _add(handler: logging.Handler) -> None:
    _LOG.setLevel(logging.DEBUG)
    _LOG.addHandler(handler)


def stop() -> None:
    """Remove the handlers that `start` added."""
    for handler in list(_LOG.handlers):
        _LOG.removeHandler(handler)
        handler.close()


def log_error(error: BaseException) -> None:
    """Log the error that ended the command, with its traceback."""
    _LOG.debug("ended by %s", type(error).__name__, exc_info=error)
