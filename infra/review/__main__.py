"""`python -m infra.review FILE...`: the previews in these files, as one comment on stdout."""

import sys
from pathlib import Path

from infra.review.comment import one_comment

print(one_comment([Path(name).read_text() for name in sys.argv[1:]]), end="")
