"""Ways in: thin, without logic of their own; the same question gets the same answer from each."""
