"""What was answered before, and the sessions of the chat: kept in the user's data folder."""

from agent.cli.log.log import REMEMBERED_TURNS, Entry, Log, Session, SessionEntry, new_session_name

__all__ = ["REMEMBERED_TURNS", "Entry", "Log", "Session", "SessionEntry", "new_session_name"]
