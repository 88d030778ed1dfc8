"""Rules of RDS about storage, its performance and its encryption keys."""

from collections.abc import Iterator

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.kms import encrypts
from localcloud.aws.judge.rules.rds_state import combination, instance, of_instance
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules

# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/rds/pf-rds"
_CREATE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"
_STORAGE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"
_AUTOSCALING = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html"
# Smallest and largest size in GiB for PostgreSQL, MySQL and MariaDB, by storage type.
_SIZES = {"gp2": (20, 65536), "gp3": (20, 65536), "io1": (100, 65536), "io2": (100, 65536), "standard": (5, 3072)}
_ENGINES = ("postgres", "mysql", "mariadb")
_PROVISIONED = ("io1", "io2")
_STRIPED_FROM_GIB = 400
# Range of the performance of striped gp3 storage, in IOPS and MiB/s. The minimum is its baseline performance.
_STRIPED = {"Iops": (12_000, 64_000), "StorageThroughput": (500, 4_000)}
_IOPS_PER_MIB = 4
_KEYS = ("KmsKeyId", "PerformanceInsightsKMSKeyId", "MasterUserSecretKmsKeyId")


def _storage(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse an unknown storage type, and a size outside of the range of its type."""
    kind, size = parameters.get("StorageType"), parameters.get("AllocatedStorage")
    engine = parameters.get("Engine")
    if kind is not None and known(kind) and kind not in _SIZES:
        words = f"Invalid storage type: {kind}"
        yield RefusedError("InvalidParameterValue", words, path=("StorageType",), value=kind, source=_CREATE)
        return
    kind = kind if kind in _SIZES else "io1" if parameters.get("Iops") else "gp3"
    low, high = _SIZES[str(kind)]
    if engine in _ENGINES and isinstance(size, int) and not low <= size <= high:
        words = f"Invalid storage size for engine name {engine} and storage type {kind}: {size}"
        yield combination("AllocatedStorage", size, words, _STORAGE)


def _magnetic(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse magnetic storage for a new instance."""
    kind = parameters.get("StorageType")
    if kind == "standard":
        words = (
            "RDS can't create the DB instance because magnetic storage is deprecated. Set StorageType to gp2, gp3, or "
            "io2."
        )
        yield combination("StorageType", kind, words, f"{_MEASURED}-magnetic-storage-deprecated")


def _provisioned(parameters: Parameters) -> Iterator[RefusedError]:
    """Require the number of IOPS for a storage type with provisioned IOPS."""
    kind = parameters.get("StorageType")
    if kind in _PROVISIONED and parameters.get("Iops") is None:
        words = f"The storage type {kind} requires iops to be specified."
        yield combination("Iops", None, words, f"{_MEASURED}-iops-required")


def _performance(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse IOPS and throughput that the storage does not support.

    gp3 storage has a fixed performance until it is large enough for RDS to stripe it over several volumes.
    """
    kind, size, engine = (parameters.get(name) for name in ("StorageType", "AllocatedStorage", "Engine"))
    iops, throughput = parameters.get("Iops"), parameters.get("StorageThroughput")
    if engine not in _ENGINES or not isinstance(size, int):
        return
    if kind == "io1" and isinstance(iops, int) and not 0.5 <= iops / size <= 50:
        words = f"Invalid iops to storage (GB) ratio for engine name {engine} and storage type {kind}: "
        yield combination("Iops", iops, f"{words}{iops / size:.4f}", _STORAGE)
    if throughput and known(kind) and kind not in (None, "gp3"):
        words = f"You can't specify storage throughput for storage type {kind}."
        yield combination("StorageThroughput", throughput, words, f"{_MEASURED}-storage-throughput-gp3-only")
    if kind not in (None, "gp3") or not known(kind):
        return
    for name, word in (("Iops", "iops"), ("StorageThroughput", "storage throughput")):
        value = parameters.get(name)
        low, high = _STRIPED[name]
        if value and size < _STRIPED_FROM_GIB:
            words = f"You can't specify IOPS or storage throughput for engine {engine} and a storage size less than "
            source = f"{_MEASURED}-gp3-iops-storage-threshold"
            yield combination(name, value, f"{words}{_STRIPED_FROM_GIB}.", source)
        elif isinstance(value, int) and value and not low <= value <= high:
            words = f"Invalid {word} value for engine name {engine} and storage type gp3: {value}"
            yield combination(name, value, words, f"{_MEASURED}-storage-throughput-max" if name != "Iops" else _STORAGE)
    if isinstance(throughput, int) and isinstance(iops, int) and throughput * _IOPS_PER_MIB > iops:
        words = f"Invalid storage throughput to iops ratio for engine name {engine} and storage type gp3: "
        source = f"{_MEASURED}-storage-throughput-max"
        yield combination("StorageThroughput", throughput, f"{words}{throughput / iops:.4f}", source)


def _autoscaling(parameters: Parameters) -> Iterator[RefusedError]:
    """Require a maximum allocated storage of at least 110 % of the allocated storage."""
    start, limit = parameters.get("AllocatedStorage"), parameters.get("MaxAllocatedStorage")
    if isinstance(start, int) and isinstance(limit, int) and limit * 10 < start * 11:
        words = "The maximum allocated storage must be increased by at least 10 percent."
        if limit <= start:
            words = "Max storage size must be greater than storage size"
        yield combination("MaxAllocatedStorage", limit, words, _AUTOSCALING)


def _growth(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a reduction of the allocated storage."""
    found, size = instance(ask, str(parameters["DBInstanceIdentifier"])), parameters.get("AllocatedStorage")
    if found and isinstance(size, int) and size < found["AllocatedStorage"]:
        kind = f"engine name {found['Engine']} and storage type {found.get('StorageType')}"
        words = f"Invalid storage size for {kind}: {size}; storage cannot be reduced"
        source = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html"
        yield combination("AllocatedStorage", size, words, source)


def _key(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a KMS key for storage that is not encrypted."""
    key, engine = parameters.get("KmsKeyId"), parameters.get("Engine")
    if key and parameters.get("StorageEncrypted") in (None, False):
        words = f"You must enable StorageEncrypted when you specify KmsKeyId for DB engine {engine}"
        yield combination("KmsKeyId", key, words, "https://github.com/aquasecurity/tfsec/issues/495")


def _keys_usable(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Require each KMS key to be an enabled symmetric key."""
    for name in _KEYS:
        key = parameters.get(name)
        if key and not encrypts(ask, key):
            yield RefusedError(
                "KMSKeyNotAccessibleFault",
                f"The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to "
                "access it.",
                path=(name,),
                value=key,
                source="botocore rds KMSKeyNotAccessibleFault",
            )


_TOGETHER = (_storage, _performance, _autoscaling)
REQUEST_RULES: RequestRules = {("rds", "CreateDBInstance"): (_magnetic, _provisioned, *_TOGETHER, _key)}
STATE_RULES: StateRules = {
    ("rds", "CreateDBInstance"): (_keys_usable,),
    ("rds", "ModifyDBInstance"): (_growth, of_instance(*_TOGETHER), _keys_usable),
}
