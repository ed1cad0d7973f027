"""Evaluation of answers, matching, judges, restoration and features on data with ground truth.

Nothing here runs while a question is answered. Measures of single pictures are in `agent.measures`.
"""
