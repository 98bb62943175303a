"""Comparing runs: what differs between their steps, why, and what came of it.

`compare_runs` makes a `comparison`. `align_steps` says which steps belong together,
`key_differences` and `step_differences` what was changed by hand and what followed, `cause_words`
and `sentences` that in words, `divergence` where runs part, `metric_differences` which metrics
moved, `content_summaries` what outputs hold. `subjects` are what can be compared, `rows` what a
comparison consists of, `plain_comparison` the same for JSON.
"""
