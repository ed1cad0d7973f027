"""The tool `read_text`."""

from __future__ import annotations

from agent.systems.spec import Operation, ToolSpec
from agent.systems.text import criteria, wording

READ_TEXT = ToolSpec(
    key="read_text",
    entry="agent.systems.text.tool:read_text",
    title="Reading text",
    purpose="Read the text in a picture, before and after restoration.",
    level="core",
    wording=wording.sentences,
    gist=wording.gist,
    about={"text": wording.letters, "ocr": wording.letters, "hallucination": wording.differences},
    reads_out=wording.read_out,
    operations=(
        Operation(
            key="read_text",
            asked_with="""
                ocr, read .. text, reads .. text, reading .. text, read the letters, read .. sign,
                read .. label*, read .. receipt*, read .. document*, read .. writing, can you read
                this, read what, transcri*, extract* .. text, recogni* .. text, recogni* ..
                character*, detect* .. text, text recognition, text extraction, optical character
                recognition, understand* .. text, comprehend* .. text, what does .. say, what does
                .. read, what do .. say, what .. written
            """,
            done="You had text read from {subject}",
            hint="read the text in a picture",
            task="reading text in pictures",
        ),
    ),
    packages=("rapidocr", "onnxruntime"),
    tests={"text-kept": (criteria.CONFIDENCE, criteria.DOUBTFUL, criteria.UNREAD)},
)
