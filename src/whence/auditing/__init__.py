"""Finds what a pipeline depends on that no cache key covers.

`audit_plan` (runs every step twice, in fresh processes under different hash seeds), `run_steps`
(one such process), `watch` (sees what a step reads), `file_reads` (which files count), `callers`
(who asked for a read), `global_randomness` (generators that all code shares), `observation` (what
one process saw of one step), `weigh` (from observations to findings), `findings` (their words).
"""
