"""What Python values and types are to Whence.

`type_forms` (takes annotations apart), `assignability` (does a type fit where another is wanted),
`validation` (does a value fit a type), `typed_json` (values as text that comes back exactly).
"""
