"""What happens to the steps of a run.

`state` (which step may start: pure, no clock and no I/O), `execute_step` (one attempt of one step),
`read_inputs` and `store_outputs` (its two ends), `step_context` (what a running step may report),
`log_capture` (what it prints), `tracebacks` (the user's frames without ours).
"""
