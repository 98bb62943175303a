"""Where stores are put together.

`stack` (the components that a run uses), `home` (the folder that a project's records live in),
`current` (the stack of the current place).
"""
