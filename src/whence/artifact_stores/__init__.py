"""Where artifacts' files are kept.

`local` (the store on a local disk), `output_files` (what a step may write), `durable_files`
(hashing and flushing), `check_files` (is a content there as recorded?), `staging` (private folders
to write in), `local_checkpoints` (what long steps keep), `disk_errors` (what a failing disk means
to people).
"""
