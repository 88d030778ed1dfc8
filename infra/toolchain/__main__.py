"""`python -m infra.toolchain [providers]`: find or build every tool, or the real provider, and say where each is."""

import sys

from infra.errors import DrydockError
from infra.toolchain import ensure, ensure_providers

INTERRUPTED = 130


def main() -> int:
    """Return the exit code: 0 if everything requested is available, 1 if something could not be built."""
    provide = ensure_providers if sys.argv[1:] == ["providers"] else ensure
    try:
        for name, found in provide().found.items():
            print(f"{name:<26} {found.source:<6} {found.path}")
    except DrydockError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; the next run continues from here", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
