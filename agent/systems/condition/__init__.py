"""The tool `condition`: what a picture is like, for the choice of a model."""
