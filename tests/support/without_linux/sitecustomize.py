"""Refuse features of Linux in each Python process that has this folder on PYTHONPATH.

Libraries may use them, because they check the operating system. Only use by the code of this repository is refused.
"""

import os
import sys
from pathlib import PurePath

FILES = ("/proc/", "/sys/")
CALLS = {"prctl", "unshare", "setns", "mount", "inotify_init1", "pidfd_open"}
FUNCTIONS = ("setns", "unshare", "pidfd_open", "memfd_create", "eventfd", "splice", "copy_file_range")
PROGRAMS = {"setpriv", "unshare", "nsenter", "bwrap", "ip", "buildah", "mmdebstrap"}


def _of_a_library() -> bool:
    frame = sys._getframe(2)
    while frame:
        if "site-packages" in frame.f_code.co_filename and "drydock" not in frame.f_code.co_filename:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and str(arguments[0]).startswith(FILES) and not _of_a_library():
        raise FileNotFoundError(f"only Linux has {arguments[0]}")
    if event == "ctypes.dlsym" and arguments[1] in CALLS and not _of_a_library():
        raise AttributeError(f"only Linux has {arguments[1]}")
    if event == "subprocess.Popen" and PurePath(str(arguments[0])).name in PROGRAMS:
        raise FileNotFoundError(f"only Linux has {arguments[0]}")


for _name in FUNCTIONS:
    if hasattr(os, _name):
        delattr(os, _name)
sys.addaudithook(_refuse)
