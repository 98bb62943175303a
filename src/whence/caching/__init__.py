"""May a step reuse the outputs of an earlier run, and why, or why not?

`step_keys` (what the key of a step is made of), `input_contents` (what it takes), `path_contents`
(files given as parameters), `own_materializers`, `own_code` and `named_code` (what of the user's
runs beside the step), `lookup` (finds and verifies what can be reused), `remembered` (what need not
be read again), `leases` (one computation per key), `preview` (a plan's decisions before it runs),
`explain` (which part of a key differs from the nearest earlier one), `past_runs` (the same of a
step run of the past), `accepting` and `earlier_inputs` (what of a change can be declared harmless)
and `accepted_changes` (what was declared so).
"""
