"""Splits texts: generators, async helpers, conditional definitions."""

import asyncio
import string
import sys

LETTERS = set(string.ascii_lowercase)
ENDINGS = ("ing", "ed", "s")
REGISTRY = {}

if sys.version_info >= (3, 8):

    def lower(text):
        return text.lower()

else:

    def lower(text):
        return text


try:
    import missing_accelerator as fast
except ImportError:
    fast = None


def register(function):
    REGISTRY[function.__name__] = function
    return function


@register
def words(text):
    for word in lower(text).split():
        if LETTERS.intersection(word):
            yield word


@register
def letters(text):
    yield from text


def stem(word):
    for ending in ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending)
    return word


async def fetch(name):
    await asyncio.sleep(0)
    return name * 2


async def fetch_all(names):
    return [await fetch(name) for name in names]


def count(text, *, seen=None, start=0):
    seen = {} if seen is None else seen
    for word in words(text):
        seen[word] = seen.get(word, start) + 1
    return seen


def match(value):
    match value:
        case {"kind": "word", "text": str(text)}:
            return text
        case [first, *_]:
            return first
        case _:
            return None


def pairs(text):
    return [(a, b) for a in words(text) for b in words(text) if a < b]
