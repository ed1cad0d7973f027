"""Answers: composed from facts and evidence, judged against the evidence, and verified.

inquiry                       what is asked, of which cards, with which runs
compose                       the whole answer, in the shape of its kind of question (`shape`)
direct, ranking, recommendation, evidence    the sentences that open the answer
task, reported_speech, english               the question retold
workflow, fields, wording, small_talk        the other sections, and sentences of one's own
verdicts, judge               explanations judged against the measurements
verify, printable             the final check of every sentence

What the sentences say of one tool's measurements is worded in `agent.systems`; how an answer is
laid out for readers is in `agent.report`; a language model writes answers in `agent.llm.author`.
"""
