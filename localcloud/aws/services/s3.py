"""S3 buckets, and the settings that are resources of their own."""

from typing import Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.judge.refusal import error_code
from localcloud.aws.resource import Resource, Tagging
from localcloud.aws.shapes import from_api
from localcloud.protocol.values import Properties

DEFAULT_REGION = "us-east-1"  # the one region that S3 does not take as a location constraint


class Bucket(Resource):
    """A bucket; its id is its name."""

    type = "aws:s3/bucket:Bucket"
    gone = {"NoSuchBucket": (), "404": ()}  # HeadBucket has no body, so no code either
    service = "s3"
    autoname = "bucket"
    replaces = ("bucketPrefix",)
    defaults = {"forceDestroy": False}
    tagging = Tagging(add="PutBucketTagging", remove="DeleteBucketTagging", target="Bucket")

    def legal_name(self, name: str) -> str:
        """S3 takes lower case only."""
        return name.lower()

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create it in its region, then tag it."""
        name = str(inputs["bucket"])
        where = {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
        aws.call("s3", "CreateBucket", Bucket=name, **({} if aws.region == DEFAULT_REGION else where))
        self.retag(aws, name, inputs, {}, inputs.get("tagsAll") or {})
        return name

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Ask whether it is there, and for its tags."""
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
        """S3 takes all tags at once."""
        if new:
            tags = [{"Key": key, "Value": value} for key, value in new.items()]
            aws.call("s3", "PutBucketTagging", Bucket=id_, Tagging={"TagSet": tags})
        elif old:
            aws.call("s3", "DeleteBucketTagging", Bucket=id_)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete it, with its objects only if that was asked for."""
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
        return {tag["Key"]: tag.get("Value", "") for tag in tags}  # botocore leaves an empty text out

    def _empty(self, aws: Account, id_: str) -> None:
        while True:
            page = aws.call("s3", "ListObjectVersions", Bucket=id_)
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if not found:
                return
            objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            aws.call("s3", "DeleteObjects", Bucket=id_, Delete={"Objects": objects})


class BucketSetting(Resource):
    """One setting of a bucket; its id is the bucket's name."""

    service = "s3"
    replaces = ("bucket",)
    put: ClassVar[str]
    get: ClassVar[str]
    drop: ClassVar[str]
    parameter: ClassVar[str]
    """Parameter of `put` that holds the setting."""
    answered: ClassVar[str] = ""
    """Where the answer of `get` holds it, if not at its top."""
    members: ClassVar[tuple[str, ...]]
    """Properties that make up the setting."""

    def create(self, aws: Account, inputs: Properties) -> str:
        """Put it."""
        self.update(aws, inputs["bucket"], {}, inputs, set(self.members))
        return str(inputs["bucket"])

    def setting(self, inputs: Properties) -> Properties:
        """Return the setting, under the names of its AWS shape."""
        return {self.parameter: {name: inputs[name] for name in self.members if name in inputs}}

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Get it."""
        answer = aws.call("s3", self.get, Bucket=id_)
        found = from_api(answer.get(self.answered, {}) if self.answered else answer)
        renamed = {self.renames.get(name, name).lower(): name for name in self.members}
        return {"bucket": id_, **{renamed.get(key.lower(), key): value for key, value in found.items()}}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Put it again."""
        if changed & set(self.members):
            setting = self.setting(new)
            names = {key: self.renames.get(key, key) for key in self.members}
            block = setting[self.parameter]
            if isinstance(block, dict):
                setting = {self.parameter: {names.get(key, key): value for key, value in block.items()}}
            aws.mapped("s3", self.put, {"bucket": id_, **setting})

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete it."""
        aws.call("s3", self.drop, Bucket=id_)


class BucketVersioning(BucketSetting):
    """Whether a bucket keeps every version."""

    type = "aws:s3/bucketVersioning:BucketVersioning"
    gone = {"NoSuchBucket": ()}
    put, get = "PutBucketVersioning", "GetBucketVersioning"
    parameter = "versioningConfiguration"
    members = ("versioningConfiguration",)

    def setting(self, inputs: Properties) -> Properties:
        """Return the block as the setting."""
        return {self.parameter: inputs["versioningConfiguration"]}

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """None where versioning was never switched on."""
        answer = aws.call("s3", self.get, Bucket=id_)
        if "Status" not in answer:
            return None
        return {"bucket": id_, "versioningConfiguration": {"status": answer["Status"]}}

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """S3 can suspend it, not take it back."""
        aws.call("s3", self.put, Bucket=id_, VersioningConfiguration={"Status": "Suspended"})


class BucketServerSideEncryptionConfiguration(BucketSetting):
    """How a bucket encrypts."""

    type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    gone = {"NoSuchBucket": (), "ServerSideEncryptionConfigurationNotFoundError": ()}
    put, get, drop = "PutBucketEncryption", "GetBucketEncryption", "DeleteBucketEncryption"
    parameter = answered = "ServerSideEncryptionConfiguration"
    members = ("rules",)


class BucketPublicAccessBlock(BucketSetting):
    """What keeps a bucket from becoming public."""

    type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    gone = {"NoSuchBucket": (), "NoSuchPublicAccessBlockConfiguration": ()}
    put, get, drop = "PutPublicAccessBlock", "GetPublicAccessBlock", "DeletePublicAccessBlock"
    parameter = answered = "PublicAccessBlockConfiguration"
    members = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


class BucketPolicy(BucketSetting):
    """Who may use a bucket."""

    type = "aws:s3/bucketPolicy:BucketPolicy"
    gone = {"NoSuchBucket": (), "NoSuchBucketPolicy": ()}
    put, get, drop = "PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"
    parameter = "policy"
    members = ("policy",)

    def setting(self, inputs: Properties) -> Properties:
        """Return the text as the setting."""
        return {self.parameter: inputs["policy"]}


class BucketLifecycleConfiguration(BucketSetting):
    """What a bucket deletes or moves, and when."""

    type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    gone = {"NoSuchBucket": (), "NoSuchLifecycleConfiguration": ()}
    put, get, drop = "PutBucketLifecycleConfiguration", "GetBucketLifecycleConfiguration", "DeleteBucketLifecycle"
    parameter = "LifecycleConfiguration"
    members = ("rules",)


class BucketOwnershipControls(BucketSetting):
    """Who owns what is put into a bucket."""

    type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    gone = {"NoSuchBucket": (), "OwnershipControlsNotFoundError": ()}
    put, get, drop = "PutBucketOwnershipControls", "GetBucketOwnershipControls", "DeleteBucketOwnershipControls"
    parameter = answered = "OwnershipControls"
    members = ("rule",)
    renames = {"rule": "rules"}

    def read(self, aws: Account, id_: str, inputs: Properties) -> Properties | None:
        """Pulumi knows one rule where S3 has a list."""
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
