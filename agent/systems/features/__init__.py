"""Sharper features of a vision encoder: FeatSharp's method and the tool `sharpen_features`.

Training the sharpener is in `agent.lab.training`, measures of boundaries are in `agent.measures`.
"""
