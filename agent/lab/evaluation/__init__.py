"""Measures on data whose answers are known; nothing here runs while a question is answered."""
