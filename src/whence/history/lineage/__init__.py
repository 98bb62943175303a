"""Lineage: whence an artifact came, and what was made from it."""
