"""What happens to the steps of a run.

`run_state` (what is to be done next: pure, no clock and no I/O) with `run_events` (what it is told
and tells), `step_rules`, `run_graph`, `node_state`, `map_items`, `admission` and `alarms`;
`execute_step` (one attempt of one step), `call_function` (be it `def` or `async def`),
`read_inputs` and `store_outputs` (its two ends), `step_context` (what a running step may report),
`checkpoints` (what it keeps to go on from), `log_capture` and `keep_log` (what it prints),
`tracebacks` (the user's frames without ours).
"""
