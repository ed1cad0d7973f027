"""A comparison of models on the same pictures: its record, and its renderers.

record     the measurements and verdicts, as saved in `comparison.json`
table      headings, sentences and cells that all formats share
page       HTML with a slider for any two models
markdown   Markdown that links to the pictures
terminal   output on a terminal

Running and measuring the models is the work of `agent.systems.model_comparison`.
"""
