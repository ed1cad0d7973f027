"""Files: finding them, reading text from them, and writing them atomically.

shipped   files that ship with the program, and the cache folder
paths     the path that a person means, and the files in a folder
reading   text in any encoding, pipes, standard input
tables    delimited text (CSV, TSV)
words     the vocabulary that ships
writing   atomic writes
database  SQLite files in the cache

Pictures are read and written in `agent.imaging`, reports in `agent.report`.
"""

from agent.files.paths import composed, files_below, folder_of, names_file, path_of
from agent.files.reading import (
    encoding_of,
    not_text,
    open_input,
    read_text,
    sha256_of,
    standard_input,
    text_of,
    text_stream,
)
from agent.files.shipped import (
    DATA,
    DEFAULT_REGISTRY,
    DEFAULT_WEIGHTS,
    PROMPTS,
    SHARPENERS,
    UPSCALERS,
    default_cache,
    shipped_registry,
)
from agent.files.writing import after_failed_write, write_whole

__all__ = [
    "DATA",
    "DEFAULT_REGISTRY",
    "DEFAULT_WEIGHTS",
    "PROMPTS",
    "SHARPENERS",
    "UPSCALERS",
    "after_failed_write",
    "composed",
    "default_cache",
    "encoding_of",
    "files_below",
    "folder_of",
    "names_file",
    "not_text",
    "open_input",
    "path_of",
    "read_text",
    "sha256_of",
    "shipped_registry",
    "standard_input",
    "text_of",
    "text_stream",
    "write_whole",
]
