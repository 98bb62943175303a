"""The command line: runs pipelines, says why, and shows what was recorded.

`main` (the group of commands, each loaded when it is used) and one file for each command;
`target_command` (what commands with a target share), `targets` (finding and loading a pipeline),
`arguments` (what was given for it), `configuration` (the same from a file), `pipeline_help` (what
it takes), `teaching_command` (help with examples); `run_view` (a run as it goes on), drawn by
`live_view` or told by `plain_lines`; `run_keys` and `artifact_keys` (which run or artifact is
meant), `step_debugger`, `terminal`, `json_documents`, `failures` (how things end).
"""
