"""The verbs, one module each: parse, match, run, answer, verify; they never import each other."""
