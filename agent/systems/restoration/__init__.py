"""Restoring pictures for their own sake: from Python, from files, and in other runtimes."""
