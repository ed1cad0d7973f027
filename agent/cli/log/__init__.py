"""The log of answers and chat sessions, in a database in the user's data folder.

`log` is the log itself, `database` its SQLite file; printing it is the work of `agent.cli.logs`.
"""

from agent.cli.log.log import Entry, Log, Session, SessionEntry, new_session_name

__all__ = ["Entry", "Log", "Session", "SessionEntry", "new_session_name"]
