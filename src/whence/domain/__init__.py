"""The nouns of Whence as frozen data, free of I/O.

`artifacts` (the types a pipeline author names), `contents` (bytes under a digest), `records` (what
a metadata store keeps), `output_shape` (what a body returned), `ids`, `attempts`, `status`,
`metrics`, `resources`, `retries`, `version`; `ambient` (what is current here).
"""
