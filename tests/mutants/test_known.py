"""The recorded mistakes fit the code as it is."""

import ast
from pathlib import Path

from tests.mutants import __main__ as mutants


def test_each_recorded_mistake_changes_its_file() -> None:
    """A place that was rewritten has its mistake rewritten too, or `--known` could not run."""
    found = list(mutants._known())

    assert len(found) >= 69
    for mutant in found:
        before = ast.parse((Path(mutants.ROOT) / mutant.path).read_text())
        after = ast.parse((Path(mutants.ROOT) / mutant.path).read_text())
        mutant.make(after)
        assert ast.dump(after) != ast.dump(before), mutant
