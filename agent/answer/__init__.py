"""Answers: composed from facts and evidence, judged against the evidence, and verified.

What the sentences say of one tool's measurements is worded in `agent.systems`; how an answer is
laid out for readers is in `agent.report`; a language model writes answers in `agent.llm.author`.
"""
