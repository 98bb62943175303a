"""What people see of records: one view-model, written as text and as HTML.

`report` (the view-model), `as_text` and `as_html` (its two renderers), `shown` (what shows itself as
a report), `quantities` (times, sizes and numbers in the right unit), `status_cells` (how statuses
look), and one file for each thing that is shown: `run_report`, `step_report`, `listings`,
`comparison_report`.
"""
