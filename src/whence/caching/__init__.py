"""May a step reuse the outputs of an earlier run, and why, or why not?

`step_keys` (what the key of a step is made of), `path_contents` (files given as parameters),
`own_materializers` and `own_code` (what of the user's runs beside the step), `lookup` (finds and
verifies what can be reused), `leases` (one computation per key), `preview` (a plan's decisions
before it runs), `explain` (which part of a key differs from the nearest earlier one), `past_runs`
(the same of a step run of the past), `accepting` (what of a change can be declared harmless) and
`accepted_changes` (what was declared so).
"""
