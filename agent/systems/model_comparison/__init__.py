"""Comparison of models on the same pictures, one model at a time.

contenders    the models that can be compared, and how to open them
separate      a model in a process of its own
measures      measurements of a result
text_as_read  how text in a result is read
criteria      what models can be compared by
verdicts      which model is best, or that there is no telling
crops         parts of all results side by side
folder        the folder of a comparison, which keeps finished results
pages         the text and the page in that folder
comparing     the comparison itself, picture by picture

The record of a comparison and how it reads are in `agent.report.model_comparison`.
"""
