"""RDS instances, subnet groups and parameter groups. Each instance is a database on a local PostgreSQL server."""

from typing import TYPE_CHECKING, Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.judge import requests
from localcloud.aws.resource import Resource, Tagging
from localcloud.aws.shapes import pick
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from localcloud.aws.rds_server import Database

TAGGING = Tagging(add="AddTagsToResource", remove="RemoveTagsFromResource", target="ResourceName")


class RdsResource(Resource):
    """A resource of RDS. Its id is its name, and it is tagged by its ARN."""

    service = "rds"
    tagging = TAGGING
    arn_path: ClassVar[str]

    def legal_name(self, name: str) -> str:
        """Return the name in lower case, as RDS requires."""
        return name.lower()

    def tags(self, aws: Account, id_: str, item: Any) -> Any:
        """Read the tags with a separate request."""
        return aws.call("rds", "ListTagsForResource", ResourceName=item[self.arn_path])["TagList"]

    def tag_target(self, aws: Account, id_: str, inputs: Properties) -> str:
        """Return the ARN."""
        return str(self.describe(aws, id_)[self.arn_path])

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the ARN as `arn`."""
        return {**super().state(aws, id_, item), "arn": item[self.arn_path]}


class Instance(RdsResource):
    """An instance. It has a role and a database on the local PostgreSQL server."""

    type = "aws:rds/instance:Instance"
    gone = {"DBInstanceNotFound": ("id",)}
    recorded = "Performance Insights, automated backups, the maintenance window; changes are applied immediately"
    local = ("address", "endpoint", "port")
    autoname = "identifier"
    replaces = (
        "identifierPrefix",
        "engine",
        "username",
        "dbName",
        "storageEncrypted",
        "kmsKeyId",
        "availabilityZone",
    )
    renames = {
        "identifier": "DBInstanceIdentifier",
        "instanceClass": "DBInstanceClass",
        "username": "MasterUsername",
        "password": "MasterUserPassword",
        "backupWindow": "PreferredBackupWindow",
        "maintenanceWindow": "PreferredMaintenanceWindow",
        "parameterGroupName": "DBParameterGroupName",
        "caCertIdentifier": "CACertificateIdentifier",
        "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
        "performanceInsightsEnabled": "EnablePerformanceInsights",
        "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
        "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "status": "DBInstanceStatus",
        "resourceId": "DbiResourceId",
        "multiAz": "MultiAZ",
    }
    create_operation = "CreateDBInstance"
    describe_operation = "DescribeDBInstances"
    found = "DBInstances.0"
    described = (
        "allocatedStorage",
        "engine",
        "instanceClass",
        "backupWindow",
        "maintenanceWindow",
        "multiAz",
        "storageType",
    )
    update_operation = "ModifyDBInstance"
    id_parameter = "DBInstanceIdentifier"
    arn_path = "DBInstanceArn"
    # Properties that control how an instance is changed or deleted, but are not parameters of a change.
    intentions = frozenset(
        {
            "allowMajorVersionUpgrade",
            "applyImmediately",
            "deleteAutomatedBackups",
            "finalSnapshotIdentifier",
            "password",
            "skipFinalSnapshot",
        }
    )

    def __init__(self, database: "Database | None" = None) -> None:
        self._database = database

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the instance, then its role and database.

        If RDS manages the password, the account creates the role and the database.
        """
        _check_final_snapshot(inputs)
        aws.mapped("rds", self.create_operation, {**inputs, "tags": None}, self.renames, **self.create_tags(inputs))
        self.restore(inputs)
        return str(inputs["identifier"]).lower()

    def describes(self, properties: Properties, new: Properties) -> Properties:
        """Return also the properties that have another form in AWS's description."""
        size, most = (properties.get(name) or 0 for name in ("allocatedStorage", "maxAllocatedStorage"))
        return {
            **super().describes(properties, new),
            "engineVersion": properties.get("engineVersionActual") or properties.get("engineVersion"),
            # RDS describes it only if it enables autoscaling.
            "maxAllocatedStorage": most if UNKNOWN in (most, size) or most > size else None,
            "dbParameterGroups": [{"dbParameterGroupName": properties.get("parameterGroupName")}],
        }

    def kept(self, inputs: Properties) -> Properties:
        """Return the password, which RDS never returns."""
        return {"password": inputs.get("password")}

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state, with RDS's nested properties flattened."""
        state = super().state(aws, id_, item)
        nested = ("dbParameterGroups", "vpcSecurityGroups", "dbSubnetGroup", "endpoint", "tagList")
        for key in ("latestRestorableTime", *nested):
            state.pop(key, None)
        secret = state.pop("masterUserSecret", None)
        managed = {"manageMasterUserPassword": True, "masterUserSecretKmsKeyId": secret["kmsKeyId"]} if secret else {}
        address, port = pick(item, "Endpoint.Address"), pick(item, "Endpoint.Port")
        return {
            "maxAllocatedStorage": item.get("AllocatedStorage"),
            **state,
            **managed,
            "masterUserSecrets": [secret] if secret else [],
            "address": address,
            "endpoint": f"{address}:{port}",
            "port": port,
            "dbSubnetGroupName": pick(item, "DBSubnetGroup.DBSubnetGroupName"),
            "parameterGroupName": pick(item, "DBParameterGroups.0.DBParameterGroupName"),
            "vpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in item.get("VpcSecurityGroups", ())],
            "engineVersionActual": item.get("EngineVersion"),
        }

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Update the instance. A new password also becomes the password of its role."""
        _check_final_snapshot(new)
        special = {"enabledCloudwatchLogsExports", *self.intentions}
        parameters: dict[str, Any] = {}
        if "enabledCloudwatchLogsExports" in changed:
            before = set(old.get("enabledCloudwatchLogsExports") or ())
            after = set(new.get("enabledCloudwatchLogsExports") or ())
            parameters["CloudwatchLogsExportConfiguration"] = {
                "EnableLogTypes": sorted(after - before),
                "DisableLogTypes": sorted(before - after),
            }
        if "password" in changed and new.get("password"):
            parameters["MasterUserPassword"] = new["password"]
        some = {key: new[key] for key in changed - special if key in new}
        some |= {key: False for key in changed - special if key not in new and old.get(key) is True}
        if some or parameters:
            parameters |= {"DBInstanceIdentifier": id_, "ApplyImmediately": bool(new.get("applyImmediately"))}
            if "engineVersion" in some:
                parameters["AllowMajorVersionUpgrade"] = bool(new.get("allowMajorVersionUpgrade"))
            aws.mapped("rds", self.update_operation, some, self.renames, **parameters)
        if "password" in changed:
            self.restore(new)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the instance and its database, with a final snapshot unless `skipFinalSnapshot` is set."""
        skip = bool(inputs.get("skipFinalSnapshot"))
        final = inputs.get("finalSnapshotIdentifier")
        if not skip and not final:
            raise ProviderError(
                f"instance {id_} has no name for its final snapshot: set finalSnapshotIdentifier, or skipFinalSnapshot"
            )
        aws.call(
            "rds",
            "DeleteDBInstance",
            DBInstanceIdentifier=id_,
            SkipFinalSnapshot=skip,
            DeleteAutomatedBackups=bool(inputs.get("deleteAutomatedBackups", True)),
            **({} if skip else {"FinalDBSnapshotIdentifier": final}),
        )
        if self._database is not None and inputs.get("username"):
            self._database.drop(inputs)

    def restore(self, inputs: Properties) -> None:
        """Create the role and the database if they do not exist, and set the password of the role."""
        if self._database is not None and inputs.get("username") and inputs.get("password"):
            self._database.ensure(inputs)


class SubnetGroup(RdsResource):
    """A subnet group, the subnets that instances can use."""

    type = "aws:rds/subnetGroup:SubnetGroup"
    gone = {"DBSubnetGroupNotFoundFault": ("id",)}
    autoname = "name"
    replaces = ("namePrefix",)
    renames = {"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription", "status": "SubnetGroupStatus"}
    defaults = {"description": "Managed by Pulumi"}
    create_operation = "CreateDBSubnetGroup"
    created_id = "DBSubnetGroup.DBSubnetGroupName"
    describe_operation = "DescribeDBSubnetGroups"
    found = "DBSubnetGroups.0"
    delete_operation = "DeleteDBSubnetGroup"
    id_parameter = "DBSubnetGroupName"
    arn_path = "DBSubnetGroupArn"

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the ids of the subnets."""
        state = super().state(aws, id_, item)
        state.pop("subnets", None)
        return {**state, "subnetIds": [subnet["SubnetIdentifier"] for subnet in item["Subnets"]]}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Set the complete list of subnets, as RDS requires."""
        if changed:
            aws.mapped("rds", "ModifyDBSubnetGroup", {**new, "name": id_}, self.renames)


class ParameterGroup(RdsResource):
    """A parameter group, the settings of the database engine."""

    type = "aws:rds/parameterGroup:ParameterGroup"
    gone = {"DBParameterGroupNotFound": ("id",)}
    recorded = "the parameters; the local PostgreSQL does not use them"
    autoname = "name"
    replaces = ("namePrefix", "family", "description")
    renames = {"name": "DBParameterGroupName", "family": "DBParameterGroupFamily"}
    defaults = {"description": "Managed by Pulumi"}
    create_operation = "CreateDBParameterGroup"
    created_id = "DBParameterGroup.DBParameterGroupName"
    describe_operation = "DescribeDBParameterGroups"
    found = "DBParameterGroups.0"
    described = ("family",)
    delete_operation = "DeleteDBParameterGroup"
    id_parameter = "DBParameterGroupName"
    arn_path = "DBParameterGroupArn"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the group, then set its parameters."""
        id_ = super().create(aws, inputs)
        self.update(aws, id_, {}, inputs, {"parameters"})
        return id_

    def previewed(self, outputs: Properties) -> Properties:
        """Return the outputs with the apply method of each parameter. The default is `immediate`."""
        parameters = outputs.get("parameters")
        if not isinstance(parameters, list) or not all(isinstance(each, dict) for each in parameters):
            return outputs  # unknown, in whole or in part
        return {**outputs, "parameters": [{**each, "applyMethod": _apply_method(each)} for each in parameters]}

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with the parameters that are set."""
        answer = aws.call("rds", "DescribeDBParameters", DBParameterGroupName=id_)
        parameters = [
            {
                "name": parameter["ParameterName"],
                "value": parameter.get("ParameterValue"),
                "applyMethod": parameter.get("ApplyMethod", "immediate"),
            }
            for parameter in answer["Parameters"]
        ]
        return {**super().state(aws, id_, item), "parameters": parameters}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Set the current parameters, and reset those that were removed."""
        if "parameters" not in changed:
            return
        wanted = {item["name"]: item for item in new.get("parameters") or ()}
        gone = [item for item in old.get("parameters") or () if item["name"] not in wanted]
        if wanted:
            aws.call("rds", "ModifyDBParameterGroup", DBParameterGroupName=id_, Parameters=_parameters(wanted.values()))
        if gone:
            aws.call("rds", "ResetDBParameterGroup", DBParameterGroupName=id_, Parameters=_parameters(gone))


def _parameters(items: Any) -> list[dict[str, str]]:
    return [
        {
            "ParameterName": item["name"],
            "ParameterValue": str(item.get("value", "")),
            "ApplyMethod": _apply_method(item),
        }
        for item in items
    ]


def _apply_method(parameter: Properties) -> str:
    method = parameter.get("applyMethod")
    return "immediate" if method is None else str(method)  # unknown in a preview if the program computes it


def _check_final_snapshot(inputs: Properties) -> None:
    """Refuse a name that RDS would refuse at the deletion, as Pulumi's provider does.

    Raises:
        RefusedError: the name of the final snapshot is invalid.
    """
    name = inputs.get("finalSnapshotIdentifier")
    if name:
        final = {"DBInstanceIdentifier": inputs["identifier"], "FinalDBSnapshotIdentifier": name}
        requests.check("rds", "DeleteDBInstance", final)


TYPES: tuple[type[Resource], ...] = (Instance, SubnetGroup, ParameterGroup)
