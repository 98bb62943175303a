"""The version of Whence, stated once."""

__version__ = "0.1.0"
