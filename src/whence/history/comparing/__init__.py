"""Comparing runs: what differs between their steps, why, and what came of it.

`align_steps` says which steps belong together, `key_differences` and `step_differences` what was
changed by hand and what followed, `cause_words` and `sentences` that in words,
`content_summaries` what outputs hold, `divergence` where runs part. `subjects` are what can be
compared, `rows` what a comparison consists of, `plain_comparison` the same for JSON.
"""
