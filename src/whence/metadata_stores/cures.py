"""What helps where a store cannot be used."""

MOVE = "Set WHENCE_HOME to a folder that you can write to, on a local disk."
MAKE_ROOM = "Free some space, then run again."
WAIT = "End that process, or wait for it."
