"""Joins a pipeline's definition with the act of running it.

`decorators` (`step`, `pipeline` and what they make), `execute_run` (one run from its first record to
its last), `run_records` (what is recorded of it), `recorder` (one writer for all records),
`handed_values` (values given for inputs), `observers` (who watches), `run_errors` (what is raised).
"""
