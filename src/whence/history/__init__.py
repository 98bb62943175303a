"""The one door to what was recorded.

`runs` (a run and its step runs), `run_records` (their records, each kind loaded once),
`members` (named things by attribute and by item), `metrics`, `plain_values` (parameters without
their classes), `stored_artifact` and `lineage` (artifacts and what they were made from), `lookups`
(finding runs), `compare_runs` and `comparison` (runs side by side), `reports` (how all of it looks).
"""
