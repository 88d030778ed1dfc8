"""EKS Pod Identity of the local account: provides pods of a ServiceAccount with credentials of a role.

It combines EKS's agent and its Auth API: a pod sends the token of its ServiceAccount, the cluster validates it, and
the role of the association is assumed with EKS's session tags, if the role trusts EKS.
Sources: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html and .../pod-id-abac.html
"""

import json
import ssl
import threading
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.iam.conditions import Context
from localcloud.aws.iam.decision import Decision, trusts
from localcloud.aws.iam.denials import Denial, Denials
from localcloud.aws.iam.policy import Caller, Request, statements

AUDIENCE = "pods.eks.amazonaws.com"
SERVICE = "pods.eks.amazonaws.com"
SESSION_SECONDS = 6 * 3600
# The agent returns cached credentials until this time remains, so that a crash loop does not create new sessions.
LEFT = timedelta(hours=1)
REVIEW_SECONDS = 5
_CLIPPED = 10


class PodIdentityError(Exception):
    """Credentials are refused. The message is the reason, and `status` the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Subject of a ServiceAccount token."""

    namespace: str
    service_account: str
    pod: str
    pod_uid: str


Review = Callable[[str], Subject | None]
"""Returns the subject of a token, or None if it is invalid, for another audience, or of a deleted pod.

Raises OSError if the API server is unavailable.
"""


class TokenReviews:
    """Validates tokens with the API server.

    Args:
        server: URL of the API server, https://127.0.0.1:PORT.
        ca_pem: certificate authority of the API server.
        token: token that is allowed to create TokenReviews.
    """

    def __init__(self, server: str, ca_pem: str, token: str) -> None:
        self._url = f"{server}/apis/authentication.k8s.io/v1/tokenreviews"
        self._ca_pem, self._token = ca_pem, token

    def __call__(self, token: str) -> Subject | None:
        """Return the subject of a token, or None if it is invalid."""
        if not token:
            return None  # the API server rejects an empty token as a bad request
        review = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [AUDIENCE]},
        }
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._url, json.dumps(review).encode(), headers)  # noqa: S310 - loopback
        context = ssl.create_default_context(cadata=self._ca_pem)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(request, timeout=REVIEW_SECONDS) as answer:
            return subject(json.load(answer)["status"])


def subject(status: Mapping[str, Any]) -> Subject | None:
    """Return the subject in the status of a TokenReview, or None unless the token is a pod's with EKS's audience."""
    parts = status.get("user", {}).get("username", "").split(":")
    extra = status.get("user", {}).get("extra") or {}
    pod = extra.get("authentication.kubernetes.io/pod-name")
    uid = extra.get("authentication.kubernetes.io/pod-uid")
    if not status.get("authenticated") or AUDIENCE not in (status.get("audiences") or []) or not pod or not uid:
        return None
    if parts[:2] != ["system", "serviceaccount"]:
        return None
    return Subject(namespace=parts[2], service_account=parts[3], pod=pod[0], pod_uid=uid[0])


class PodIdentity:
    """Provides pods with credentials.

    Args:
        account: the local account, with the key of EKS, whose requests are not authorized.
        review: returns the subject of a token.
        denials: records roles that do not trust EKS for these pods.
    """

    def __init__(self, account: Account, review: Review, denials: Denials) -> None:
        self._account = account
        self._review = review
        self._denials = denials
        self._sessions: dict[tuple[str, str], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def association(self, namespace: str, service_account: str) -> dict[str, Any] | None:
        """Return the association of a ServiceAccount in any cluster of the account, or None if there is none."""
        for cluster in sorted(self._account.call("eks", "ListClusters")["clusters"]):
            for found in self._account.call("eks", "ListPodIdentityAssociations", clusterName=cluster)["associations"]:
                if (found["namespace"], found["serviceAccount"]) == (namespace, service_account):
                    names = {key: found[key] for key in ("clusterName", "associationId")}
                    return dict(self._account.call("eks", "DescribePodIdentityAssociation", **names)["association"])
        return None

    def credentials(self, token: str) -> dict[str, Any]:
        """Return credentials in the format of the SDK's container credentials provider.

        Raises:
            PodIdentityError: the token is invalid, there is no association, or the role does not trust EKS.
        """
        try:
            who = self._review(token)
        except OSError as error:
            raise PodIdentityError(503, f"the API server does not review tokens: {error}") from error
        if who is None:
            raise PodIdentityError(401, "InvalidTokenException: no token of a pod that exists, for the audience of EKS")
        return self.session(who)

    def session(self, who: Subject) -> dict[str, Any]:
        """Return the credentials of a pod, like `credentials`, without a token."""
        name = f"ServiceAccount {who.namespace}/{who.service_account}"
        found = self.association(who.namespace, who.service_account)
        if found is None:
            raise PodIdentityError(404, f"ResourceNotFoundException: {name} has no pod identity association")
        if found.get("targetRoleArn"):
            raise PodIdentityError(501, f"the local account has no target roles, and the association of {name} has one")
        with self._lock:
            return self._session(who, found)

    def _session(self, who: Subject, association: Mapping[str, Any]) -> dict[str, Any]:
        role, tags = association["roleArn"], self._tags(who, association)
        self._require_trust(role, who, tags, self._cluster_arn(association["clusterName"]))
        key = (who.pod_uid, json.dumps([role, tags, association.get("policy")]))
        known = self._sessions.get(key)
        if known and datetime.fromisoformat(known["Expiration"]) - datetime.now(UTC) > LEFT:
            return known
        more = {"Policy": association["policy"]} if association.get("policy") else {}
        made = self._account.call(
            "sts",
            "AssumeRole",
            RoleArn=role,
            RoleSessionName=f"eks-{association['clusterName'][:_CLIPPED]}-{who.pod[:_CLIPPED]}-{uuid.uuid4()}",
            DurationSeconds=SESSION_SECONDS,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            TransitiveTagKeys=list(tags),
            **more,
        )["Credentials"]
        self._sessions = {known: each for known, each in self._sessions.items() if _is_valid(each)}
        self._sessions[key] = {
            "AccessKeyId": made["AccessKeyId"],
            "SecretAccessKey": made["SecretAccessKey"],
            "Token": made["SessionToken"],
            "AccountId": self._account.id,
            "Expiration": made["Expiration"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return self._sessions[key]

    def _tags(self, who: Subject, association: Mapping[str, Any]) -> dict[str, str]:
        if association.get("disableSessionTags"):
            return {}
        return {
            "eks-cluster-arn": self._cluster_arn(association["clusterName"]),
            "eks-cluster-name": association["clusterName"],
            "kubernetes-namespace": who.namespace,
            "kubernetes-service-account": who.service_account,
            "kubernetes-pod-name": who.pod,
            "kubernetes-pod-uid": who.pod_uid,
        }

    def _cluster_arn(self, cluster: str) -> str:
        return self._account.arn("eks", f"cluster/{cluster}")

    def _require_trust(self, role_arn: str, who: Subject, tags: Mapping[str, str], cluster_arn: str) -> None:
        for action in ("sts:AssumeRole", "sts:TagSession") if tags else ("sts:AssumeRole",):
            decide = partial(self._trusts, role_arn, action, cluster_arn, tags)
            decision = decide()
            if decision.allowed:
                continue
            denial = Denial(
                role=role_arn,
                action=action,
                resource=role_arn,
                reason=decision.reason,
                service_account=f"{who.namespace}/{who.service_account}",
                unknown=tuple(sorted(decision.unknown)),
            )
            self._denials.note(denial, lambda: not decide().allowed)  # noqa: B023 - raises below
            unknown = f"; not evaluated here: {', '.join(denial.unknown)}" if denial.unknown else ""
            raise PodIdentityError(
                403, f"AccessDeniedException: {SERVICE} may not {action} {role_arn} {decision.reason}{unknown}"
            )

    def _trusts(self, role_arn: str, action: str, cluster_arn: str, tags: Mapping[str, str]) -> Decision:
        try:
            role = self._account.call("iam", "GetRole", RoleName=role_arn.rpartition("/")[2])["Role"]
        except Exception as error:  # the role is not available for these pods, regardless of the error
            return Decision(allowed=False, reason=f"because the role cannot be read: {error}")
        return trust(role["AssumeRolePolicyDocument"], action, role_arn, cluster_arn=cluster_arn, tags=tags)


def trust(
    document: str | Mapping[str, Any], action: str, role_arn: str, *, cluster_arn: str, tags: Mapping[str, str]
) -> Decision:
    """Return whether the trust policy of a role allows EKS to assume it for the pods of a cluster.

    The cluster is the source of EKS's request: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    account_id = cluster_arn.split(":")[4]
    values = {
        "aws:sourceaccount": (account_id,),
        "aws:sourcearn": (cluster_arn,),
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (SERVICE,),
        "aws:principaltype": ("Service",),
        "aws:securetransport": ("true",),
        **{f"aws:requesttag/{key}": (value,) for key, value in tags.items()},
        **({"aws:tagkeys": tuple(tags), "sts:transitivetagkeys": tuple(tags)} if tags else {}),
    }
    known = frozenset({"aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys", "sts:externalid", "aws:sourceorgid"})
    request = Request(
        action=action,
        resource=role_arn,
        caller=Caller(names=frozenset({SERVICE})),
        context=Context(values=values, known=known),
    )
    return trusts(statements(document), request)


def _is_valid(credentials: Mapping[str, Any]) -> bool:
    return datetime.fromisoformat(credentials["Expiration"]) > datetime.now(UTC)
