"""Sharper features of a vision encoder: FeatSharp's method and the tool `sharpen_features`."""
