"""Rules of EKS about pod identities."""

import re
from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules import iam_documents
from localcloud.aws.judge.rules.eks_state import in_use, invalid, trusts
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, lookup

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/eks/pf-eks-podidentity"
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_FORMS = {
    "namespace": (_LABEL, "namespace-format"),
    "serviceAccount": (rf"{_LABEL}(\.{_LABEL})*", "service-account-format"),
}


def _names(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a namespace or service account name that Kubernetes does not accept."""
    for name, (pattern, topic) in _FORMS.items():
        text = parameters.get(name)
        if isinstance(text, str) and known(text) and not re.fullmatch(pattern, text):
            words = (
                f"The parameter {name} contains invalid characters. It should conform to the regular expression "
                f"^{pattern}$"
            )
            yield invalid((name,), text, words, f"{_MEASURED}-{topic}")


def _policy(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a valid identity-based policy, and session tags to be disabled with it."""
    text, no_tags = parameters.get("policy"), parameters.get("disableSessionTags")
    if not text:
        return
    if no_tags in (None, False):
        words = "When policy is specified, disableSessionTags must be set to true"
        yield invalid(("disableSessionTags",), no_tags, words, f"{_MEASURED}-policy-requires-disable-session-tags")
    for words in iam_documents.faults(text, "identity") if isinstance(text, str) and known(text) else ():
        source = "botocore eks CreatePodIdentityAssociationRequest.policy"
        yield invalid(("policy",), text, f"The policy is not valid: {words}", source)


def _taken(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a second association for a service account."""
    names = ("namespace", "serviceAccount")
    found = lookup(ask, "eks", "ListPodIdentityAssociations", clusterName=parameters["clusterName"])
    for one in found.get("associations", ()):
        if all(one[name] == parameters[name] for name in names):
            words = f"Association already exists: {one['associationId']}"
            yield in_use(("serviceAccount",), parameters["serviceAccount"], words, f"{_MEASURED}-duplicate")


def _role(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require a role that EKS Pod Identity can assume."""
    arn = str(parameters.get("roleArn"))
    if not trusts(ask, arn, "pods.eks.amazonaws.com"):
        source = "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"
        yield invalid(("roleArn",), arn, "Trust policy of the role provided is invalid", source)


REQUEST_RULES: RequestRules = {
    ("eks", "CreatePodIdentityAssociation"): (_names, _policy),
    ("eks", "UpdatePodIdentityAssociation"): (_policy,),
}
STATE_RULES: StateRules = {
    ("eks", "CreatePodIdentityAssociation"): (_taken, _role),
    ("eks", "UpdatePodIdentityAssociation"): (_role,),
}
