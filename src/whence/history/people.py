"""Who acts here: what is recorded with everything that a person says."""

import getpass
import socket


def find_user() -> str:
    """Return who acts here, as `user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no such user in the system, as in some containers
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
