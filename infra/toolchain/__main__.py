"""`python -m infra.toolchain`: find or build every tool, and say where each is."""

import sys

from infra.errors import DrydockError
from infra.toolchain import ensure

INTERRUPTED = 130


def main() -> int:
    """The exit code is 0 once every tool is there, 1 if one could not be built."""
    try:
        for name, found in ensure().found.items():
            print(f"{name:<24} {found.source:<6} {found.path}")
    except DrydockError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; the next run takes up from here", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
