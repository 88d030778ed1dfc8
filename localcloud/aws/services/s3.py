"""S3 buckets, and the settings of buckets that are separate resources in Pulumi."""

from typing import Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.judge.refusal import error_code
from localcloud.aws.resource import Resource, Tagging
from localcloud.aws.shapes import from_api
from localcloud.protocol.values import Properties

DEFAULT_REGION = "us-east-1"  # the only region that S3 does not accept as a location constraint


class Bucket(Resource):
    """A bucket. Its id is its name."""

    type = "aws:s3/bucket:Bucket"
    gone = {"NoSuchBucket": (), "404": ()}  # the response of HeadBucket has no body, so it has no error code
    service = "s3"
    autoname = "bucket"
    replaces = ("bucketPrefix",)
    defaults = {"forceDestroy": False}
    tagging = Tagging(add="PutBucketTagging", remove="DeleteBucketTagging", target="Bucket")

    def legal_name(self, name: str) -> str:
        """Return the name in lower case, as S3 requires."""
        return name.lower()

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the bucket in its region, then tag it."""
        name = str(inputs["bucket"])
        where = {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
        aws.call("s3", "CreateBucket", Bucket=name, **({} if aws.region == DEFAULT_REGION else where))
        self.retag(aws, name, inputs, {}, inputs.get("tagsAll") or {})
        return name

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Check that the bucket exists, and return its state with tags."""
        aws.call("s3", "HeadBucket", Bucket=id_)
        return {
            "bucket": id_,
            "arn": f"arn:aws:s3:::{id_}",
            "bucketDomainName": f"{id_}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{id_}.s3.{aws.region}.amazonaws.com",
            "bucketRegion": aws.region,
            "tagsAll": self._tags(aws, id_),
        }

    def retag(self, aws: Account, id_: str, inputs: Properties, old: Any, new: Any) -> None:
        """Replace all tags, as S3 requires."""
        if new:
            tags = [{"Key": key, "Value": value} for key, value in new.items()]
            aws.call("s3", "PutBucketTagging", Bucket=id_, Tagging={"TagSet": tags})
        elif old:
            aws.call("s3", "DeleteBucketTagging", Bucket=id_)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the bucket. Delete its objects only if `forceDestroy` is set."""
        if inputs.get("forceDestroy"):
            self._empty(aws, id_)
        aws.call("s3", "DeleteBucket", Bucket=id_)

    def _tags(self, aws: Account, id_: str) -> dict[str, str]:
        try:
            tags = aws.call("s3", "GetBucketTagging", Bucket=id_)["TagSet"]
        except Exception as error:
            if error_code(error) != "NoSuchTagSet":
                raise
            return {}
        return {tag["Key"]: tag.get("Value", "") for tag in tags}  # botocore omits empty values

    def _empty(self, aws: Account, id_: str) -> None:
        while True:
            page = aws.call("s3", "ListObjectVersions", Bucket=id_)
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if not found:
                return
            objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            aws.call("s3", "DeleteObjects", Bucket=id_, Delete={"Objects": objects})


class BucketSetting(Resource):
    """A setting of a bucket. Its id is the name of the bucket."""

    service = "s3"
    replaces = ("bucket",)
    put: ClassVar[str]
    get: ClassVar[str]
    drop: ClassVar[str]
    parameter: ClassVar[str]
    """Parameter of `put` that contains the setting."""
    answered: ClassVar[str] = ""
    """Key of the setting in the response of `get`. Empty if the response itself is the setting."""
    members: ClassVar[tuple[str, ...]]
    """Pulumi's properties of the setting."""

    def create(self, aws: Account, inputs: Properties) -> str:
        """Set the setting."""
        self.update(aws, inputs["bucket"], {}, inputs, set(self.members))
        return str(inputs["bucket"])

    def setting(self, inputs: Properties) -> Properties:
        """Return the request parameter of the setting."""
        return {self.parameter: {name: inputs[name] for name in self.members if name in inputs}}

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the setting in Pulumi's names."""
        answer = aws.call("s3", self.get, Bucket=id_)
        found = from_api(answer.get(self.answered, {}) if self.answered else answer)
        renamed = {self.renames.get(name, name).lower(): name for name in self.members}
        return {"bucket": id_, **{renamed.get(key.lower(), key): value for key, value in found.items()}}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace the setting."""
        if changed & set(self.members):
            setting = self.setting(new)
            names = {key: self.renames.get(key, key) for key in self.members}
            block = setting[self.parameter]
            if isinstance(block, dict):
                setting = {self.parameter: {names.get(key, key): value for key, value in block.items()}}
            aws.mapped("s3", self.put, {"bucket": id_, **setting})

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the setting."""
        aws.call("s3", self.drop, Bucket=id_)


class BucketVersioning(BucketSetting):
    """The versioning of a bucket."""

    type = "aws:s3/bucketVersioning:BucketVersioning"
    gone = {"NoSuchBucket": ()}
    put, get = "PutBucketVersioning", "GetBucketVersioning"
    parameter = "versioningConfiguration"
    members = ("versioningConfiguration",)

    def setting(self, inputs: Properties) -> Properties:
        """Return the block as the setting."""
        return {self.parameter: inputs["versioningConfiguration"]}

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state, or None if versioning was never enabled."""
        answer = aws.call("s3", self.get, Bucket=id_)
        if "Status" not in answer:
            return None
        return {"bucket": id_, "versioningConfiguration": {"status": answer["Status"]}}

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Suspend versioning. S3 cannot remove it."""
        aws.call("s3", self.put, Bucket=id_, VersioningConfiguration={"Status": "Suspended"})


class BucketServerSideEncryptionConfiguration(BucketSetting):
    """The default encryption of a bucket."""

    type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    gone = {"NoSuchBucket": (), "ServerSideEncryptionConfigurationNotFoundError": ()}
    put, get, drop = "PutBucketEncryption", "GetBucketEncryption", "DeleteBucketEncryption"
    parameter = answered = "ServerSideEncryptionConfiguration"
    members = ("rules",)


class BucketPublicAccessBlock(BucketSetting):
    """The public access block of a bucket."""

    type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    gone = {"NoSuchBucket": (), "NoSuchPublicAccessBlockConfiguration": ()}
    put, get, drop = "PutPublicAccessBlock", "GetPublicAccessBlock", "DeletePublicAccessBlock"
    parameter = answered = "PublicAccessBlockConfiguration"
    members = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class BucketPolicy(BucketSetting):
    """The policy of a bucket."""

    type = "aws:s3/bucketPolicy:BucketPolicy"
    gone = {"NoSuchBucket": (), "NoSuchBucketPolicy": ()}
    put, get, drop = "PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"
    parameter = "policy"
    members = ("policy",)

    def setting(self, inputs: Properties) -> Properties:
        """Return the policy text as the setting."""
        return {self.parameter: inputs["policy"]}


class BucketLifecycleConfiguration(BucketSetting):
    """The lifecycle configuration of a bucket."""

    type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    gone = {"NoSuchBucket": (), "NoSuchLifecycleConfiguration": ()}
    put, get, drop = "PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration", "DeleteBucketLifecycle"
    parameter = "LifecycleConfiguration"
    members = ("rules",)


class BucketOwnershipControls(BucketSetting):
    """The ownership controls of a bucket."""

    type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    gone = {"NoSuchBucket": (), "OwnershipControlsNotFoundError": ()}
    put, get, drop = "PutBucketOwnershipControls", "GetBucketOwnershipControls", "DeleteBucketOwnershipControls"
    parameter = answered = "OwnershipControls"
    members = ("rule",)
    renames = {"rule": "rules"}

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Return the state with a single rule, where S3 has a list of rules."""
        state = super().read(aws, id_, inputs) or {}
        return {**state, "rule": next(iter(state.get("rule") or ()), None)}


TYPES: tuple[type[Resource], ...] = (
    Bucket,
    BucketVersioning,
    BucketServerSideEncryptionConfiguration,
    BucketPublicAccessBlock,
    BucketPolicy,
    BucketLifecycleConfiguration,
    BucketOwnershipControls,
)
