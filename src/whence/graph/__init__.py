"""From a declared pipeline to a checked plan.

`interface` (what a step takes and gives), `bindings` (what an argument is bound to), `draft` (a
pipeline as its body declared it), `fit` (does an output fit an argument), `slot_fit` (does a step
fit a slot), `ordering` (who waits for whom, cycles), `check_pipeline` (every fault in one report),
`decisions` (hit, miss, open), `plan` (what will run), `plan_text` (the same for people).
"""
