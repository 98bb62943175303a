"""Defining steps and pipelines.

`markers` (`Input`, `Output`, `Step`), `annotations` (resolving what a signature says), `signature`
(a function's interface), `step_definition`, `pipeline_definition`, `builder` (what happens while a
body runs), `handles` (what the body sees), `connecting` (`connect`), `places` (file and line).
"""
