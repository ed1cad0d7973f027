"""Comparing models on the same pictures, one model at a time.

contenders    which models there are, and how they are opened   contenders.py
separate      running one in a process of its own               separate.py
measures      what is measured of a result                      measures.py
text_as_read  how its text is read                              text_as_read.py
criteria      what models may be compared by                    criteria.py
verdicts      which is best, and where nobody can tell          verdicts.py
crops         parts of all results side by side                 crops.py
folder        the folder that keeps what is finished            folder.py
pages         the texts and the page                            pages.py
comparing     all of it, picture by picture                     comparing.py
"""
