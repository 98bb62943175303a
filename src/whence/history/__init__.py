"""The one door to what was recorded.

`runs` (a run and its step runs), `run_records` (their records, each kind loaded once), `members`
(named things by attribute and by item), `metrics`, `frames`, `plain_values` and `small_values`
(values without their classes), `stored_artifact` and `input_views` (artifacts), `lineage` (what
they were made from, and what was made from them) with `lineage_graph`, `lineage_groups`,
`lineage_facts` and `lineage_documents`, `step_logs`, `lookups` (finding runs), `compare_runs`,
`comparison`, `comparison_rows` and `divergence` (runs side by side), `step_reasons` (why a step
ran), `accepted_changes` (declaring changes of code harmless), `reference_forms` and `references`
(what names an earlier result), `earlier_results` (taking them as inputs), `taken_results` (which a
run took), `recorded_models`, `model_versions`, `model_lists` and `promotions` (models and their
aliases), `reports` (how it all looks).
"""
