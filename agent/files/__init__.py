"""Files: where they are, which one a person means, and reading and writing them whole.

shipped   what comes with the program, and the cache    agent/files/shipped.py
paths     what a person typed, and what is in a folder  agent/files/paths.py
reading   text in any encoding, pipes, standard input   agent/files/reading.py
tables    comma-separated and the like                  agent/files/tables.py
writing   whole or not at all                           agent/files/writing.py
database  SQLite files in the cache                     agent/files/database.py
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
from agent.files.writing import write_whole

__all__ = [
    "DATA",
    "DEFAULT_REGISTRY",
    "DEFAULT_WEIGHTS",
    "PROMPTS",
    "SHARPENERS",
    "UPSCALERS",
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
