"""What people see of records: one view-model, written as text and as HTML.

`report` (the view-model), `as_text` and `as_html` (its two renderers), `harmless_text` (nothing
recorded can steer a terminal), `shown` (what shows itself as a report), `quantities` (times, sizes
and numbers in the right unit), `status_cells`, `fact_tables` and `artifact_tables` (what several
reports have in common), and one file for each thing that is shown: `run_report`, `step_report`,
`listings`, `comparison_report`, `why_report`, `acceptance_report`,
`lineage_report` with `lineage_tree` and `lineage_mermaid`.
"""
