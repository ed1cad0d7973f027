"""Networks in files of other people: which one a file holds, and restoring pictures with it."""
