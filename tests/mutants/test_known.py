"""The recorded mistakes fit the current code."""

import ast
import tomllib
from pathlib import Path

from tests.mutants import __main__ as mutants

REFUSED = {
    "the database in public subnets": "preview",
    "the cluster in public subnets": "preview",
    "private subnets on the public route table": "preview",
    "public subnets on the table of the databases": "preview",
    "all NAT gateways in the first zone": "preview",
    "endpoints in public subnets": "preview",
    "the S3 endpoint in no route table": "preview",
    "roles without sts:TagSession": "rehearsal",
    "Pod Identity without sts:TagSession": "rehearsal",
    "nodes can be EKS itself": "rehearsal",
    "Pod Identity for another ServiceAccount": "rehearsal",
    "no TLS to the database": "rehearsal",
    "an association is missing": "preview",
    "a default route for databases": "preview",
    "no private DNS": "preview",
    "the database open from another group": "rehearsal",
    "any queue may name these dead letters": "preview",
    "a probe of a path that is not there": "rehearsal",
    "a period of nodes in days": "preview",
    "a size of volumes that is no quantity": "preview",
    "a Job whose pods restart always": "preview",
    "a disruption budget with a minimum and a maximum": "preview",
    "an exception outside of its network": "preview",
}


def test_each_recorded_mistake_changes_its_file() -> None:
    """If the code changes, its mistakes have to be changed, or `--known` fails."""
    found = list(mutants._known())

    assert len(found) >= 69
    for mutant in found:
        before = ast.parse((Path(mutants.ROOT) / mutant.path).read_text())
        after = ast.parse((Path(mutants.ROOT) / mutant.path).read_text())
        mutant.make(after)
        assert ast.dump(after) != ast.dump(before), mutant


def test_mistakes_list_the_command_that_refuses_them() -> None:
    """Mistakes that AWS would refuse or that interrupt the network are refused by a preview or a rehearsal."""
    recorded = {entry["name"]: entry.get("refused_by") for entry in tomllib.loads(mutants.KNOWN.read_text())["mutant"]}

    assert {name: by for name, by in recorded.items() if by} == REFUSED
