"""Tools for assistants, over stdio and HTTP."""
