"""Finds components by name through entry points, and imports none itself.

`materializers` (by type and by format), `components` (stores and orchestrators by URL scheme),
`stored_content` (the files of a recorded artifact, read by the materializer of its format),
`class_names` (the classes that such files name).
"""
