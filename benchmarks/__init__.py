"""The promises in numbers, measured: `make bench`, or `python -m benchmarks --help`.

`__main__` (which are run, and the table), `measurement` (one row), `machine` (what it ran on),
`fresh_process` (timing other processes), and one module for each kind of promise: `startup`,
`chain`, `command_line`, `large_values`, `mutation_corpus`, `records`, `workers`, `graph_size` (with
`one_graph`, the program it times, and `size_plot`).

Beside the promises: `step_parts` (where the time of a step goes, by `stopwatches`) and `peer_table`
(other frameworks, whose programs are in `peers/`, each in what `peer_environments` makes for it).
"""
