"""What makes and measures the program, and is no part of answering."""
