"""Understanding of a question without a language model, with one reader per module.

`parse` combines them: `sentences` splits and cleans, `intent` finds the kind of answer wanted,
`factor` the enlargement, `subject` the picture, `names` models and papers, `language` the language.
The words that they look for are in `languages`, one file each. Follow-ups are resolved in
`agent.search`, and answers are written in `agent.answer`.
"""
