"""A disk cache of replies, keyed by the hash of everything that they depend on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from agent.files import write_whole
from agent.llm.prompts import Prompt


@dataclass(frozen=True)
class ReplyCache:
    """Usable replies, so that a model is not asked the same thing twice.

    The key is the hash of the model's name and address, the messages with their pictures, the
    schema and the version of this program, but no API key. An unreadable or unwritable folder is
    not an error; nothing is cached then.
    """

    folder: Path
    model: str
    address: str
    """Address of the server: the same name elsewhere is another model."""
    version: str

    def get(self, prompt: Prompt, schema: type[BaseModel]) -> str | None:
        try:
            reply = json.loads(self._path(prompt, schema).read_text("utf-8"))["reply"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return reply if isinstance(reply, str) else None

    def put(self, prompt: Prompt, schema: type[BaseModel], reply: str) -> None:
        content = {"model": self.model, "prompt": prompt.name, "reply": reply}
        try:
            # Questions and answers are private to this user.
            write_whole(self._path(prompt, schema), json.dumps(content).encode(), mode=0o600)
        except OSError:
            return

    def _path(self, prompt: Prompt, schema: type[BaseModel]) -> Path:
        parts = (
            self.version,
            self.model,
            self.address,
            prompt.name,
            prompt.system,
            prompt.user,
            [hashlib.sha256(image).hexdigest() for image in prompt.images],
            prompt.turns,
            schema.model_json_schema(),
        )
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{key}.json"
