"""Folders on file systems that several machines share, where SQLite must not live."""

from pathlib import Path

NETWORK_FILE_SYSTEMS = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "fuse.sshfs", "lustre", "nfs", "nfs4", "smb3", "smbfs"}
)
"""Their locks and shared memory do not hold between machines, so a database may be damaged."""

_MOUNTS = Path("/proc/self/mountinfo")


def find_network_file_system(folder: Path, mounts: str | None = None) -> str | None:
    """Return the kind of network file system that *folder* lies on; None on a local disk.

    *mounts* is the system's table of mounts, as Linux writes it; elsewhere nothing is known.
    """
    if mounts is None:
        mounts = _MOUNTS.read_text(errors="replace") if _MOUNTS.exists() else ""
    deepest, kind = "", None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        place = before.split(" ")[4].replace("\\040", " ")
        if len(place) >= len(deepest) and folder.is_relative_to(place):
            deepest, kind = place, after.split(" ")[0]
    return kind if kind in NETWORK_FILE_SYSTEMS else None
