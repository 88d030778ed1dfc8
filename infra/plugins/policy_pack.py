"""Run a policy pack until the engine that started it ends: `policy_pack.py ENGINE_ADDRESS FOLDER`.

The engine keeps the other end of stdin and writes nothing to it. A killed engine does not stop its
plugins, but the kernel closes its files.
"""

import os
import runpy
import sys
import threading

# The pack's runtime options select the Python, which is fixed here; the parser of the pack refuses them.
SETTLED = ("-toolchain=", "-virtualenv=", "-typechecker=")


def _end_with_engine() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_engine, daemon=True).start()
    sys.argv[1:] = [argument for argument in sys.argv[1:] if not argument.startswith(SETTLED)]
    sys.path[0] = os.getcwd()  # noqa: PTH109 - as `python -m` has it
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
