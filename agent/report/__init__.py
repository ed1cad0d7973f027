"""Renderers of a Report, and reading and comparing saved ones; nothing here changes a report.

outline    what a reader is shown, in which order, as plain text; every renderer starts from it
marks, citations, links, author_names, diagram    the parts that outlines and renderers share
markdown, html, terminal, notebook, pdf, schema   one module per format, listed in `formats`
folder, reader    writing a report to a folder, and reading it back
differences, difference_text    comparing two reports, and printing the differences
model_comparison/    the record of a comparison of models, and its renderers
report     the `Report` that answers come as

What an answer says is decided in `agent.answer`.
"""
