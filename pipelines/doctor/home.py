"""Checks of the home folder: where it lies, who may read it, room, lock, leftovers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipelines import runlock
from pipelines.doctor.findings import Finding, misconfigured, unusable
from pipelines.publish.disk import CURRENT, LEFTOVERS
from pipelines.settings import MEBIBYTE, Settings

NETWORK_FILE_SYSTEMS = (
    "9p",
    "afs",
    "ceph",
    "cifs",
    "fuse.sshfs",
    "gfs2",
    "lustre",
    "nfs",
    "nfs4",
    "smb3",
)
PRIVATE_FOLDERS = ("build", "state", "dlt", "dagster", "dbt", "logs", "drop")
# People's data in clear or under pseudonyms: others must not even list these.
STRICT_FOLDERS = ("build", "state")
LEAST_FREE_BYTES = 2 * 1024 * MEBIBYTE
COPIES_PER_NIGHT = 2.5  # the build file grows while a new version is written beside the served one


def place(settings: Settings) -> Iterator[Finding]:
    """One local file system of the user's own: locks and atomic renames hold nowhere else."""
    root = settings.root
    if not root.exists():
        yield Finding("home", "ok", f"{root} will be made by the first run")
        return
    kind = _file_system(root)
    if kind in NETWORK_FILE_SYSTEMS:
        yield misconfigured("home", f"{root} is on {kind}", "set ROR_HOME to a local disk")
    elif root.stat().st_uid != os.getuid():
        yield misconfigured(
            "home", f"{root} belongs to another user", "chown it, or run as its owner"
        )
    elif not os.access(root, os.W_OK | os.X_OK):
        yield unusable("home", f"{root} is not writable", f"chmod u+rwx {root}")
    elif apart := [d.name for d in root.iterdir() if d.lstat().st_dev != root.stat().st_dev]:
        yield misconfigured(
            "home", f"{apart[0]} is on another file system", "move it into ROR_HOME"
        )
    else:
        yield Finding("home", "ok", f"{root}, {kind or 'local'}")


def folders(settings: Settings) -> Iterator[Finding]:
    """Private folders are closed to others."""
    is_clean = True
    for name in PRIVATE_FOLDERS:
        folder = settings.root / name
        if folder.is_dir() and folder.stat().st_mode & 0o077:
            is_clean = False
            next_step = f"chmod 700 {folder}"
            if name in STRICT_FOLDERS:
                yield misconfigured("folder modes", f"others may enter {name}", next_step)
            else:
                yield Finding("folder modes", "warn", f"others may enter {name}", next_step)
    if is_clean:
        yield Finding("folder modes", "ok", "private folders are closed to others")


def links(settings: Settings) -> Iterator[Finding]:
    """No symbolic link leads out of the home; `published/current` is the only one there is."""
    for folder, names, files in os.walk(settings.root):
        for name in (*names, *files):
            path = Path(folder) / name
            if path.is_symlink() and path != settings.published / CURRENT:
                yield misconfigured(
                    "links", f"{path} is a symbolic link", "replace it by what it names"
                )
                return
    yield Finding("links", "ok", "none but current")


def disk(settings: Settings) -> Iterator[Finding]:
    """Room for the next night: 2 GiB, or 2.5 times the build file and the served version."""
    folder = next(p for p in (settings.root, *settings.root.parents) if p.exists())
    sizes = [f.stat().st_size for f in (settings.build_file, settings.served_file) if f.exists()]
    needed = max(LEAST_FREE_BYTES, int(COPIES_PER_NIGHT * sum(sizes)))
    free = shutil.disk_usage(folder).free
    text = f"{free // MEBIBYTE} MiB free, {needed // MEBIBYTE} MiB needed"
    if free < needed:
        yield unusable("disk", text, f"free {(needed - free) // MEBIBYTE + 1} MiB")
    else:
        yield Finding("disk", "ok", text)


def lock(settings: Settings) -> Iterator[Finding]:
    """Nobody else holds the run lock."""
    holder = runlock.holder(settings.lock_file)
    if holder is None or holder.get("pid") == os.getpid():
        yield Finding("run lock", "ok", "free")
    else:
        text = f"held by run {holder.get('run_id', '?')} (pid {holder.get('pid', '?')})"
        yield Finding("run lock", "warn", text, "wait, or see: ror status")


def leftovers(settings: Settings) -> Iterator[Finding]:
    """No half-written version of a dead run lies about; a living run may be writing one."""
    found = []
    if settings.published.is_dir() and runlock.holder(settings.lock_file) is None:
        found = [e.name for e in settings.published.iterdir() if e.name.startswith(LEFTOVERS)]
    if found:
        yield Finding("leftovers", "warn", f"{found[0]} of a dead run", "ror run removes it")
    else:
        yield Finding("leftovers", "ok", "none")


def _file_system(path: Path) -> str:
    """Type of the file system that holds a path; empty where the system does not say."""
    try:
        mounts = Path("/proc/mounts").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    holding = [
        (len(point), kind)
        for _, point, kind, *_ in (line.split(" ") for line in mounts)
        if path.is_relative_to(point)
    ]
    return max(holding)[1] if holding else ""
