"""The tool `condition`: measure a picture's condition, to choose a model for it."""
