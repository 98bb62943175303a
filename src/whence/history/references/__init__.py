"""Earlier results: how people name them, and how they become inputs.

`forms` reads a name without any record, `find` what it means, `earlier_results` is what
`whence.artifact` gives, `taken` what a run took.
"""
