"""May a step reuse the outputs of an earlier run, and why, or why not?

`step_keys` (what the key of a step is made of), `path_contents` (files given as parameters),
`accepted_changes` (changes of code that somebody declared harmless),
`lookup` (finds and verifies what can be reused), `leases` (one computation per key), `preview` (a
plan's decisions before it runs), `explain` (which part of a key differs from the nearest earlier
one), `past_runs` (the same of a step run of the past), `accepting` (what of a change can be
declared harmless).
"""
