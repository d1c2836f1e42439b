"""Which file system a path is on, as far as the system's table of mounts tells."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

__all__ = ["network_file_system"]

TABLE = Path("/proc/self/mounts")

#: Where locks and shared memory are not what SQLite needs of them: "do not use WAL over a network
#: file system", https://www.sqlite.org/wal.html, section 1, read 2026-11-29.
_NETWORK = {
    *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.davfs", "fuse.glusterfs"),
    *(
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "fuse.davfs2",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
    ),
    *("ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb2", "smb3", "smbfs"),
    *("fuse.gcsfuse", "fuse.mountpoint-s3", "virtiofs"),
}


def network_file_system(path: Path, table: str | None = None) -> str | None:
    """The type of the network file system that ``path`` is on; None when it is on none, or where
    the system has no such table.

    Args:
        table: lines as in ``/proc/self/mounts``.
    """
    if table is None:
        try:
            table = TABLE.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
    kind = _mounts(table).get(_nearest(path, _mounts(table)))
    return kind if kind in _NETWORK else None


def _mounts(table: str) -> dict[str, str]:
    """Where something is mounted -> its type; what was mounted over something comes later."""
    lines = (line.split(" ") for line in table.splitlines())
    return {_unescaped(parts[1]): parts[2] for parts in lines if len(parts) > 2}


def _nearest(path: Path, mounts: dict[str, str]) -> str:
    where = PurePosixPath(path.absolute())
    return next((str(one) for one in (where, *where.parents) if str(one) in mounts), "")


def _unescaped(text: str) -> str:
    r"""Blanks stand there as ``\040``, tabs as ``\011``: see getmntent(3)."""
    for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, sign)
    return text
