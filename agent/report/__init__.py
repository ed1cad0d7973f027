"""A Report as text, as a page, as a bibliography and as a folder; nothing here changes a report."""
