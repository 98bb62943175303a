"""Lineage: whence an artifact came, and what was made from it.

`trace` makes a `graph` of what the store finds, `groups` folds the items of maps, `facts` adds
code, parameters, packages and files, `documents` turns it into plain data.
"""
