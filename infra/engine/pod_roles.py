"""The roles of pods in a local cloud, compared with their use."""

from collections.abc import Iterator
from typing import Any

from infra.engine.loopback import ask
from localcloud.aws.account import Account
from localcloud.cloud import Cloud


def unused(cloud: Cloud) -> str:
    """Return a message about the actions that the policies of pods allow and no pod has used."""
    used = ask(f"{cloud.aws_endpoint}/drydock/uses")
    allowed = sorted(set(_allowed(cloud)))
    idle = [(who, action) for who, role, action in allowed if action not in used.get(role, ())]
    names = f"; unused: {', '.join(f'{action} of {who}' for who, action in idle)}" if idle else ""
    return f"pods used {len(allowed) - len(idle)} of {len(allowed)} actions that their roles allow{names}"


def _allowed(cloud: Cloud) -> Iterator[tuple[str, str, str]]:
    """Yield ServiceAccount, ARN of the role, and an action that the role's inline policies allow."""
    call = Account(cloud.account_id, cloud.region, cloud.aws_endpoint).call
    for cluster in call("eks", "ListClusters")["clusters"]:
        for found in call("eks", "ListPodIdentityAssociations", clusterName=cluster)["associations"]:
            names = {"clusterName": cluster, "associationId": found["associationId"]}
            arn = call("eks", "DescribePodIdentityAssociation", **names)["association"]["roleArn"]
            role = arn.rpartition("/")[2]
            for policy in call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]:
                document = call("iam", "GetRolePolicy", RoleName=role, PolicyName=policy)["PolicyDocument"]
                for action in _actions(document):
                    yield f"{found['namespace']}/{found['serviceAccount']}", arn, action


def _actions(document: Any) -> Iterator[str]:
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            actions = statement["Action"]
            yield from [actions] if isinstance(actions, str) else actions
