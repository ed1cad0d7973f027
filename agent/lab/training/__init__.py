"""Training of the restoration network and of the feature sharpener, and their training data.

Importing this package does not import torch; its modules do.
"""
