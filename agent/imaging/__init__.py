"""Pictures: reading, writing, metadata, resampling, padding, tiling and plots.

Networks are in `agent.systems`, measurements in `agent.measures`.
"""
