"""The one door to what was recorded.

`runs` (a run and its step runs), `run_records` (their records, each kind loaded once), `members`
(named things by attribute and by item), `metrics` and `series`, `frames`, `plain_values` and
`small_values` (values without their classes), `stored_artifact` and `input_views` (artifacts),
`pictures`, `step_logs`, `lookups` (finding runs), `sweeps`, `step_reasons` (why a step ran),
`accepted_changes` (declaring changes of code harmless), `cancel_run`, `annotations` (tags and
notes) and `people` (who gave them).

In folders of their own: `comparing` (runs side by side), `lineage` (what an artifact was made from,
and what was made from it), `models` (versions, aliases and promotions), `references` (earlier
results by name, and as inputs), `searching` (runs by conditions), `reports` (how it all looks).
"""
