"""Where artifacts' files are kept.

`local` (the store on a local disk), `output_files` (what a step may write), `durable_files`
(hashing and flushing), `check_files` (is a content there as recorded?), `staging` (private folders
to write in), `copied_files` (what comes from another store), `content_places` (where a content
lies), `condemned_contents` (what is about to be deleted), `local_checkpoints` (what long steps
keep), `disk_errors` (what a failing disk means to people).
"""
