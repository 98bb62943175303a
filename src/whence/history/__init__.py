"""The one door to what was recorded.

`runs` (a run and its step runs), `run_records` (their records, each kind loaded once),
`members` (named things by attribute and by item), `metrics`, `frames`, `plain_values` and
`small_values` (values without their classes), `stored_artifact`, `input_views` and `lineage`
(artifacts and what they were made from), `step_logs`, `lookups` (finding runs), `compare_runs`,
`comparison`, `comparison_rows` and `divergence` (runs side by side), `step_reasons` (why a step
ran), `accepted_changes` (declaring changes of code harmless), `reports` (how it all looks).
"""
