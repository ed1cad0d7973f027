"""What a text says, read without a language model: one reader a module.

`sentences` cuts and cleans, `intent` tells what is wanted, `factor` by how much was enlarged,
`subject` which picture is meant, `names` which models and papers, `language` in which language.
The words that they look for are in `languages`, one file each.
"""
