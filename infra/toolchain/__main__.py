"""`python -m infra.toolchain [providers]`: find or build all tools, or the real provider, and print their paths."""

import sys

from infra.errors import DrydockError
from infra.toolchain import ensure, ensure_providers

INTERRUPTED = 130


def main() -> int:
    """Find or build the tools; return 0 if all are available, else the exit code of the error."""
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
