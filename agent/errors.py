"""Every error that a person is meant to read.

    GroundglassError            exit 1  something failed that is neither of the below
      InputError                exit 2  a question, picture, brief or option that cannot be used
      ConfigError               exit 3  settings that cannot be used
        RegistryError           exit 3  a registry that cannot be used; holds every problem found
        CheckpointError         exit 3  network weights that cannot be used
      LogError                  exit 1  the log of answers that cannot be read or written
      ServiceError              exit 4  a service on the network that does not answer properly

A message says what happened, what was got, what was expected and what to do, on one line.
"No model fits" is no error: it is an `Abstention` in the report.
"""

from __future__ import annotations


class GroundglassError(Exception):
    """Base of all errors whose message is meant for a person; shown without a traceback."""

    exit_code = 1


class InputError(GroundglassError):
    """What the user gave cannot be used: a question, picture, brief, file or option."""

    exit_code = 2


class ConfigError(GroundglassError):
    """The settings or the files they name cannot be used."""

    exit_code = 3


class RegistryError(ConfigError):
    """A registry cannot be used; nothing of it is loaded.

    Args:
        problems: one line each, `FILE:LINE: card ID: key KEY: what is wrong and what is legal`.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class CheckpointError(ConfigError):
    """Network weights are missing, unreadable, hold more than tensors, or do not fit."""


class LogError(GroundglassError):
    """The log of answers is damaged, locked, full or unreadable; no answer ends because of it."""


class ServiceError(GroundglassError):
    """A service on the network timed out, refused or answered with something unusable."""

    exit_code = 4


class Cancelled(BaseException):
    """Work that nobody waits for any more; raised by a callback of progress.

    Like KeyboardInterrupt it is no `Exception`, so that no tool takes it for a failure of its own.
    """
