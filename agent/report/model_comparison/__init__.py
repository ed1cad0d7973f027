"""Models side by side on the same pictures: the record of a comparison, and how it is shown.

record     what was measured and what it says           agent/report/model_comparison/record.py
table      its rows, the same in every format           agent/report/model_comparison/table.py
page       HTML with a slider for any two models        agent/report/model_comparison/page.py
markdown   text and pictures beside it                  agent/report/model_comparison/markdown.py
terminal   on a terminal                                agent/report/model_comparison/terminal.py
"""
