"""Defining steps and pipelines.

`markers` (`Input`, `Output`, `Step`), `annotations` (resolving what a signature says), `signature`
(a function's interface), `step_definition`, `pipeline_definition`, `builder` (what happens while a
body runs), `handles` (what the body sees), `connecting` (`connect`),
`earlier_inputs` (results of earlier runs), `places` (file and line).
"""
