"""Training and evaluation: what makes and measures the program, but takes no part in answering."""
