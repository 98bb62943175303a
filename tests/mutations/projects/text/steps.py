"""The steps of the text project."""

from __future__ import annotations

import asyncio

import tokens
from schemas import TUNING, Document
from tokens import REGISTRY

from whence import step


@step
def tokenize(text: str, how: str = "words") -> list[str]:
    return list(REGISTRY[how](text))


@step
def stems(text: str) -> list[str]:
    return [tokens.stem(word) for word in text.split()]


@step
def download(names: list[str]) -> list[str]:
    return asyncio.run(tokens.fetch_all(names))


@step
def summarize(document: Document) -> str:
    return document.summary()


@step
def search(text: str) -> int:
    return TUNING.beam * len(text)


@step
def tally(text: str) -> dict:
    counts = tokens.count(text)
    return {**counts, "all": sum(counts.values())}


@step
def matched(value: dict) -> str:
    return str(tokens.match(value))


@step
def paired(text: str) -> list:
    with open("/dev/null") as file:
        return [*tokens.pairs(text), file.read()]
