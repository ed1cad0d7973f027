"""An answer: composed from facts and evidence, judged against the evidence, and verified."""
