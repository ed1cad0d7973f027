"""Workflows as documents: nodes that work on pictures, joined by edges, checked and run.

document    what one may hold, its schema, and what is wrong   agent/systems/workflow/document.py
draft       the one of an answer                               agent/systems/workflow/draft.py
execution   a checked one on pictures                          agent/systems/workflow/execution.py
"""
