"""Recorded text made harmless: nothing in it can steer a terminal or reorder a line."""

import unicodedata

_KEPT = {"\n", "\t"}
_UNSAFE = {"Cc", "Cs"}  # control characters and lone surrogates
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def make_harmless(text: str) -> str:
    """Return *text* with control, reordering and surrogate characters replaced by `�`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_make_harmless, text.replace("\r\n", "\n")))


def _make_harmless(character: str) -> str:
    if character in _KEPT:
        return character
    is_unsafe = unicodedata.category(character) in _UNSAFE or character in _REORDERING
    return "\N{REPLACEMENT CHARACTER}" if is_unsafe else character
