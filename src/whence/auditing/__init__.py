"""Finds what a pipeline depends on that no cache key covers.

`audit_plan` (runs every step twice, in fresh processes under different hash seeds), `work` (what
such a process is to do), `run_steps` (what it does), `watch` (sees what a step reads), by
`audit_events`, `clock_and_chance`, `library_readers` and `global_randomness`; `callers` (who asked
for a read), `file_reads` (which files count), `watched_step` (what is kept), `observation` (what
one process saw of one step), `weigh` (from observations to findings), `findings` (in words).
"""
