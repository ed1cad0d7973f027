"""Measures: plain functions of arrays, each with its formula, unit, range and source.

They know nothing about files, networks or the registry, and never modify their arguments. How a
tool turns them into evidence and sentences is in `agent.systems`.
"""
