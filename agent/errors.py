"""Every error that a person is meant to read.

    GroundglassError            exit 1  any other failure
      InputError                exit 2  a question, picture, brief or option is unusable
      ConfigError               exit 3  a setting is unusable
        RegistryError           exit 3  a registry is invalid; lists every problem
        CheckpointError         exit 3  network weights are unusable
      LogError                  exit 1  the history of answers cannot be read or written
      ServiceError              exit 4  a web service does not answer properly

A message says on one line what happened, what was received, what was expected and what to do.
An answer without a matching model is not an error: it is an `Abstention` in the report.
"""

from __future__ import annotations


class GroundglassError(Exception):
    """Base of all errors with a message for a person; shown without a traceback."""

    exit_code = 1


class InputError(GroundglassError):
    """A question, picture, brief, file or option of the user is unusable."""

    exit_code = 2


class ConfigError(GroundglassError):
    """The settings, or the files that they name, are unusable."""

    exit_code = 3


class RegistryError(ConfigError):
    """A registry is invalid; none of it is loaded.

    Args:
        problems: one line each, `FILE:LINE: card ID: key KEY: what is wrong and what is allowed`.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class CheckpointError(ConfigError):
    """Network weights are missing, unreadable, contain more than tensors, or do not fit."""


class LogError(GroundglassError):
    """The history of answers is damaged, locked, full or unreadable; answers are still printed."""


class ServiceError(GroundglassError):
    """A web service timed out, refused, or sent an unusable answer."""

    exit_code = 4


class Cancelled(BaseException):
    """The work has been cancelled; raised by a progress callback.

    Like KeyboardInterrupt it is not an `Exception`, so that no tool mistakes it for a failure.
    """
