"""Joins a pipeline's definition with the act of running it.

`decorators` (`step`, `pipeline` and what they make), `run_plan` (a plan on the current stack),
`execute_run` (one run from its first record to its last), `drive_run` (between the state of the run
and who does the work), `run_rules` and `run_steps` (what holds for its steps, and what comes of
them), `interrupts`, `cancellation` and `attend_run` (others see that it goes on, and may end it),
`step_inputs`, `handed_values` and `shape_outputs` (what goes in and what came out), `run_records`
(what is recorded), `report_run` (what others learn of it), `recorder` (one writer for all records),
`run_origin` (how a run was started), `resume_run` (starting one that goes on from it),
`resumed_run` (what need not be done again), `targets` (finding a pipeline by file and name),
`debugging` (a step of a past run, to be called again) with `replay`, `replay_inputs`,
`replay_report` and `step_code`, `write_fixture` (a test from a past step run) with `fixture_text`,
`fixture_data`, `fixture_checks` and `fixture_source`, `step_checkpoints` (what long steps keep),
`observers` (who watches), `run_errors` (what is raised).
"""
