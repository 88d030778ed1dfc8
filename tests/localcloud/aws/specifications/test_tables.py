"""Offers of AWS from the tables of the installed cfn-lint; tested are entries that rarely change."""

from localcloud.aws.specifications import tables


def test_knows_the_offered_engine_versions() -> None:
    """Withdrawn versions are not offered, and a major version stands for its newest minor version."""
    assert {"17.6", "17", "18.1", "18"} <= tables.engine_versions("postgres")
    assert not {"9.6.1", "17.1", "17.99"} & tables.engine_versions("postgres")
    assert tables.engine_versions("none") == frozenset()
    assert {"postgres", "mysql", "mariadb", "oracle-ee"} <= tables.engines()


def test_knows_the_instance_classes_of_an_engine() -> None:
    """They are known for a version, a major version, and an engine."""
    of_minor, of_major = tables.instance_classes("postgres", "17.6"), tables.instance_classes("postgres", "17")

    assert {"db.t4g.medium", "db.m7g.large"} <= of_minor <= of_major <= tables.instance_classes("postgres", None)
    assert "db.t2.micro" not in of_major
    assert "db.t2.micro" in tables.all_instance_classes()
    assert tables.instance_classes("postgres", "17.99") == frozenset()
    assert "db.m7g.large" in tables.region_instance_classes("eu-central-1", "postgres")
    assert tables.region_instance_classes("xx-none-1", "postgres") == frozenset()


def test_knows_the_parameters_of_postgresql() -> None:
    """A parameter that is static in one major version only has an entry for each version."""
    found = tables.postgres_parameters()

    assert [entry.kind for entry in found["autovacuum_max_workers"]] == ["static", "dynamic"]
    assert found["max_connections"] == (tables.Parameter(15, 18, "static", "integer", "1..262143"),)
    assert found["log_statement"] == (tables.Parameter(15, 18, "dynamic", "enum", "none,ddl,mod,all"),)
    assert [entry.type for entry in found["log_connections"]] == ["bool", "string"]
    assert 380 < len(found) < 450
