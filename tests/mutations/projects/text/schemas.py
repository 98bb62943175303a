"""What documents look like: pydantic models and typed dicts."""

from typing import TypedDict

from pydantic import BaseModel, Field, field_validator


class Document(BaseModel):
    """One document."""

    title: str = "untitled"
    words: int = Field(default=0, ge=0)
    tags: list[str] = Field(default_factory=list)

    @field_validator("title", mode="before")
    @classmethod
    def strip_title(cls, value):
        return value.strip()

    def summary(self):
        return f"{self.title} ({self.words})"


class Span(TypedDict):
    start: int
    end: int


class Tuning(BaseModel):
    beam: int = 4
    penalty: float = 0.5


TUNING = Tuning()
