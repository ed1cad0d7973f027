"""What can run on a picture: one package per system, and what runs, times and caches them all.

Measures that are plain functions of arrays are in `agent.measures`; files of pictures are read and
written in `agent.imaging`; sentences of several tools are put together in `agent.answer`.
"""
