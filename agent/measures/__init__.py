"""Measures: plain functions of arrays, each with its formula, unit, range and source.

They know nothing about files, networks or the registry, and never write into what they are given.
"""
