"""Training and evaluation of the restoration network; torch is imported by the modules inside."""
