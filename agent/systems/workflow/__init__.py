"""Workflows as documents: nodes that work on pictures, joined by edges, checked and run."""
