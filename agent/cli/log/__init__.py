"""What was answered before, and the sessions of the chat: kept in the user's data folder."""

from agent.cli.log.log import Entry, Log, Session, SessionEntry, new_session_name

__all__ = ["Entry", "Log", "Session", "SessionEntry", "new_session_name"]
