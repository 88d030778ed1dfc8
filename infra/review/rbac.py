"""What roles and bindings of Kubernetes allow, and what they allow beyond another version.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from infra.policy.documents import texts
from infra.resources.properties import at, is_known, items
from infra.resources.resource import Properties

_GROUP = "kubernetes:rbac.authorization.k8s.io/v1:"
ROLES = (f"{_GROUP}Role", f"{_GROUP}ClusterRole")
BINDINGS = (f"{_GROUP}RoleBinding", f"{_GROUP}ClusterRoleBinding")


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One verb on one resource, or on one URL."""

    verb: str
    group: str = ""
    """API group; empty for the core group."""
    resource: str = ""
    name: str = "*"
    """Name of an object; `*` for all."""
    url: str = ""

    def __str__(self) -> str:
        if self.url:
            return f"allows {self.verb} on {self.url}"
        named = "" if self.name == "*" else f" {self.name}"
        return f"allows {self.verb} on {self.resource}{f'.{self.group}' if self.group else ''}{named}"

    def includes(self, other: "Permission") -> bool:
        """Return whether it allows everything that the other one allows."""
        if self.url or other.url:
            below = self.url.endswith("*") and bool(other.url) and other.url.startswith(self.url[:-1])
            return self.verb in ("*", other.verb) and (below or self.url == other.url)
        # `*/scale` is a subresource of all resources, and `*` includes subresources.
        resources = ("*", other.resource, f"*/{other.resource.partition('/')[2]}")
        return (
            self.verb in ("*", other.verb)
            and self.group in ("*", other.group)
            and self.resource in resources
            and self.name in ("*", other.name)
        )


def gained(old: Properties, new: Properties) -> Iterator[str]:
    """Yield what a role allows that it did not; nothing if a rule was unknown."""
    if not is_known(old.get("rules")):
        return
    before = list(_permissions(old))
    yield from (str(each) for each in _permissions(new) if not any(one.includes(each) for one in before))


def bound(inputs: Properties) -> set[str]:
    """Return the role and each subject of a binding, one text each."""
    role = f"{at(inputs, 'roleRef.kind')} {at(inputs, 'roleRef.name')}"
    if not is_known(inputs.get("roleRef")):
        return set()
    return {f"binds {role} to {_subject(each)}" for each in items(inputs.get("subjects")) if is_known(each)}


def _permissions(inputs: Properties) -> Iterator[Permission]:
    for rule in items(inputs.get("rules")):
        verbs, urls = texts(at(rule, "verbs")), texts(at(rule, "nonResourceURLs"))
        yield from (Permission(verb=verb, url=url) for verb, url in product(verbs, urls))
        groups, resources = texts(at(rule, "apiGroups")), texts(at(rule, "resources"))
        names = texts(at(rule, "resourceNames")) or ["*"]
        for verb, group, resource, name in product(verbs, groups, resources, names):
            yield Permission(verb=verb, group=group, resource=resource, name=name)


def _subject(subject: Any) -> str:
    namespace = at(subject, "namespace")
    return f"{at(subject, 'kind')} {f'{namespace}/' if namespace else ''}{at(subject, 'name')}"
