"""The nouns of Whence as frozen data, free of I/O.

`artifacts` (the types a pipeline author names), `contents` (bytes under a digest), `records` (what
a metadata store keeps), `model_records` and `model_numbers` (models, and which version bears which
number), `earlier_results` (how pipelines name what they take), `output_shape` (what a body
returned), `ids`, `attempts`, `status`, `metrics`, `resources`, `retries`, `version`; `ambient`
(what is current here).
"""
