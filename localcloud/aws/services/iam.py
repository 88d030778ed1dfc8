"""IAM roles, policies and OIDC providers."""

import json
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource, Tagging
from localcloud.aws.shapes import pick
from localcloud.protocol.values import Properties


class Role(Resource):
    """A role. Its id is its name."""

    type = "aws:iam/role:Role"
    gone = {"NoSuchEntity": ("id",)}
    service = "iam"
    regional = False
    autoname = "name"
    replaces = ("path", "namePrefix")
    renames = {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
    defaults = {"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False}
    create_operation = "CreateRole"
    created_id = "Role.RoleName"
    describe_operation = "GetRole"
    found = "Role"
    delete_operation = "DeleteRole"
    id_parameter = "RoleName"
    tagging = Tagging(add="TagRole", remove="UntagRole", target="RoleName")

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state, with the trust policy as text and the permissions boundary as an ARN."""
        state = super().state(aws, id_, item)
        return {
            "description": None,
            **state,
            "assumeRolePolicy": json.dumps(item["AssumeRolePolicyDocument"], sort_keys=True),
            "permissionsBoundary": pick(item, "PermissionsBoundary.PermissionsBoundaryArn"),
            "uniqueId": item["RoleId"],
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the trust policy, the description, the maximum session duration and the permissions boundary."""
        if "assumeRolePolicy" in changed:
            aws.call("iam", "UpdateAssumeRolePolicy", RoleName=id_, PolicyDocument=_text(new["assumeRolePolicy"]))
        if changed & {"description", "maxSessionDuration"}:
            aws.call(
                "iam",
                "UpdateRole",
                RoleName=id_,
                Description=new.get("description", ""),
                MaxSessionDuration=int(new["maxSessionDuration"]),
            )
        if "permissionsBoundary" in changed:
            if new.get("permissionsBoundary"):
                arn = new["permissionsBoundary"]
                aws.call("iam", "PutRolePermissionsBoundary", RoleName=id_, PermissionsBoundary=arn)
            else:
                aws.call("iam", "DeleteRolePermissionsBoundary", RoleName=id_)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the role. Detach its policies first if `forceDetachPolicies` is set."""
        if inputs.get("forceDetachPolicies"):
            for policy in aws.call("iam", "ListAttachedRolePolicies", RoleName=id_)["AttachedPolicies"]:
                aws.call("iam", "DetachRolePolicy", RoleName=id_, PolicyArn=policy["PolicyArn"])
        super().delete(aws, id_, inputs)


class RolePolicy(Resource):
    """An inline policy of a role. Its id is `role:name`."""

    type = "aws:iam/rolePolicy:RolePolicy"
    gone = {"NoSuchEntity": ("role", "name")}
    service = "iam"
    regional = False
    autoname = "name"
    replaces = ("role", "namePrefix")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Add the policy to its role."""
        self.update(aws, "", {}, inputs, {"policy"})
        return f"{inputs['role']}:{inputs['name']}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the policy as text."""
        role, _, name = id_.partition(":")
        answer = aws.call("iam", "GetRolePolicy", RoleName=role, PolicyName=name)
        policy = json.dumps(answer["PolicyDocument"], sort_keys=True)
        return {"role": role, "name": name, "policy": policy}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the policy."""
        if "policy" in changed:
            text = _text(new["policy"])
            aws.call("iam", "PutRolePolicy", RoleName=new["role"], PolicyName=new["name"], PolicyDocument=text)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Remove the policy from its role."""
        role, _, name = id_.partition(":")
        aws.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=name)


class RolePolicyAttachment(Resource):
    """The attachment of a managed policy to a role. Its id is `role/arn`."""

    type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    gone = {"NoSuchEntity": ("role", "policyArn")}
    service = "iam"
    regional = False
    replaces = ("role", "policyArn")

    def create(self, aws: Account, inputs: Properties) -> str:
        """Attach the policy."""
        aws.call("iam", "AttachRolePolicy", RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}"

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if the policy is not attached."""
        role, _, arn = id_.partition("/")
        attached = aws.call("iam", "ListAttachedRolePolicies", RoleName=role)["AttachedPolicies"]
        return {"role": role, "policyArn": arn} if any(policy["PolicyArn"] == arn for policy in attached) else None

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Detach the policy."""
        role, _, arn = id_.partition("/")
        aws.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)


class Policy(Resource):
    """A managed policy of the account. Its id is its ARN."""

    type = "aws:iam/policy:Policy"
    gone = {"NoSuchEntity": ("id",)}
    service = "iam"
    regional = False
    autoname = "name"
    replaces = ("path", "description", "namePrefix")
    renames = {"name": "PolicyName", "policy": "PolicyDocument"}
    defaults = {"path": "/"}
    create_operation = "CreatePolicy"
    created_id = "Policy.Arn"
    describe_operation = "GetPolicy"
    found = "Policy"
    delete_operation = "DeletePolicy"
    id_parameter = "PolicyArn"
    tagging = Tagging(add="TagPolicy", remove="UntagPolicy", target="PolicyArn")

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the policy document of the default version."""
        version = aws.call("iam", "GetPolicyVersion", PolicyArn=id_, VersionId=item["DefaultVersionId"])
        policy = json.dumps(pick(version, "PolicyVersion.Document"), sort_keys=True)
        return {**super().state(aws, id_, item), "policy": policy}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Create a new default version. Delete old versions first, because IAM allows only five."""
        if "policy" in changed:
            self._prune(aws, id_)
            text = _text(new["policy"])
            aws.call("iam", "CreatePolicyVersion", PolicyArn=id_, PolicyDocument=text, SetAsDefault=True)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the policy and its versions."""
        self._prune(aws, id_)
        super().delete(aws, id_, inputs)

    def _prune(self, aws: Account, id_: str) -> None:
        for version in aws.call("iam", "ListPolicyVersions", PolicyArn=id_)["Versions"]:
            if not version["IsDefaultVersion"]:
                aws.call("iam", "DeletePolicyVersion", PolicyArn=id_, VersionId=version["VersionId"])


class OpenIdConnectProvider(Resource):
    """An issuer of OIDC tokens that roles can trust. Its id is its ARN, which contains the URL.

    A change of the audiences replaces the provider: unlike IAM, moto cannot add or remove an audience.
    """

    type = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    gone = {"NoSuchEntity": ("id",)}
    service = "iam"
    regional = False
    replaces = ("url", "clientIdLists")
    exclusive = True
    renames = {"clientIdLists": "ClientIDList", "thumbprintLists": "ThumbprintList"}
    create_operation = "CreateOpenIDConnectProvider"
    created_id = "OpenIDConnectProviderArn"
    describe_operation = "GetOpenIDConnectProvider"
    delete_operation = "DeleteOpenIDConnectProvider"
    id_parameter = "OpenIDConnectProviderArn"
    tagging = Tagging(add="TagOpenIDConnectProvider", remove="UntagOpenIDConnectProvider", target=id_parameter)

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the ARN, and the URL with its scheme. IAM returns neither."""
        return {
            "arn": id_,
            "url": f"https://{item['Url']}",
            "clientIdLists": sorted(item.get("ClientIDList", ())),
            "thumbprintLists": item.get("ThumbprintList", []),
            "tagsAll": Tagging(add="", remove="", target="").decode(item.get("Tags", ())),
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the thumbprints."""
        if "thumbprintLists" in changed:
            aws.call(
                "iam",
                "UpdateOpenIDConnectProviderThumbprint",
                OpenIDConnectProviderArn=id_,
                ThumbprintList=new.get("thumbprintLists") or [],
            )


def _text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


TYPES: tuple[type[Resource], ...] = (Role, RolePolicy, RolePolicyAttachment, Policy, OpenIdConnectProvider)
