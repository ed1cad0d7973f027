"""The base of all data types."""

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """Base class: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
