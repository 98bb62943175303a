"""Models: versions, aliases, promotions, and what is told of them.

`recorded` holds what a store knows of its models, `versions` and `lists` are what people get,
`promoting` moves aliases past `gates`, `candidates` finds what has no number yet, `promotions` is
the history; `card`, `documents` and `export_model` tell of a version in Markdown, as plain data
and as a folder.
"""
