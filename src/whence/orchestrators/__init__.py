"""Where attempts are made.

`local` (what a run on this machine has: one of the next two), `in_process` (here, one after the
other), `worker_processes` (in warm processes of this machine).

What workers are made of: `worker_pool` (which is free), `worker_process` (one, seen from here),
`worker_main` (the same, from inside), `messages` (what they say), `process_group` (how they die
together), `causes_of_death` (why one died), `wakings` (how a wait is interrupted).

What travels: `send_attempts` and `shared_groups` (what goes when), `packing` (objects as bytes),
`code_places` (code by name or as it is loaded), `shared_objects` (what both ends know),
`fresh_objects` (what is made anew), `error_parcels` (exceptions), `written_output` (words).

What an attempt may use: `machine` (what there is), `devices` (who has which accelerator),
`thread_pools` (how many native threads).
"""
