"""Fingerprints of code: what a step really runs, told so that a cache can trust it.

`compute` (the fingerprint of a step), `parts` (what it tells), `boundary` and `packages` (whose
code is it), `walk` (what has been reached), `encode_parts`, `encode_values`, `class_members` and
`own_instances` (parts as bytes), `resolve_lookups` (what names stand for now), `code_form`,
`lookups` and `operations` (what a code object means), `plain_values` and `tagged` (bytes that
cannot be mistaken), `sources` and `describe_parts` (texts, lines, and whether they are true still).
"""
