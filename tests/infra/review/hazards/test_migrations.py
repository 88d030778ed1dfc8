"""Migrations that destroy data or break the previous release."""

import textwrap

import pytest

from infra.engine.places import ROOT
from infra.review.hazards.migrations import destructive

OBJECT, COLUMN = "drops an object of the database", "drops a column"
REQUIRES = "adds a required column without a default"
REQUIRED, TYPE = "makes a column required", "changes the type of a column"
RENAMED = "renames something that the previous release may use"


def revision(*lines: str, more: str = "") -> str:
    """Return a revision with these lines in its upgrade."""
    body = textwrap.indent("\n".join(lines), "    ")
    head = f'"""Drop table: a title."""\n{more}\n\n'
    return f'{head}def upgrade() -> None:\n    """DROP TABLE x; this is no SQL."""\n{body}\n'


def sql(text: str) -> str:
    """Return a revision that executes SQL."""
    return revision(f"op.execute({text!r})")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (revision('op.drop_table("items")'), ["drops a table"]),
        (revision('op.drop_column("items", "name")'), [COLUMN]),
        (revision('op.rename_table("items", "things")'), ["renames a table"]),
        (revision('with op.batch_alter_table("items") as batch:', '    batch.drop_column("name")'), [COLUMN]),
        (revision('op.alter_column("items", "name", new_column_name="title")'), ["renames a column"]),
        (revision('op.alter_column("items", "name", nullable=False)'), [REQUIRED]),
        (revision('op.alter_column("items", "name", nullable=True)'), []),
        (revision('op.alter_column("items", "name", server_default="a")'), []),
        (revision('op.alter_column("items", "n", existing_type=sa.Integer(), type_=sa.BigInteger())'), []),
        (revision('op.alter_column("items", "n", existing_type=sa.BigInteger(), type_=sa.Integer())'), [TYPE]),
        (revision('op.alter_column("items", "n", existing_type=sa.String(50), type_=sa.String(length=80))'), []),
        (revision('op.alter_column("items", "n", existing_type=sa.String(80), type_=sa.String(length=50))'), [TYPE]),
        (revision('op.alter_column("items", "n", existing_type=sa.String(80), type_=sa.String())'), []),
        (revision('op.alter_column("items", "n", existing_type=sa.String(), type_=sa.String(80))'), [TYPE]),
        (revision('op.alter_column("items", "n", existing_type=String, type_=Text)'), []),
        (revision('op.alter_column("items", "n", type_=sa.Integer())'), [TYPE]),
        (revision('op.alter_column("items", "n", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(12, 2))'), []),
        (revision('op.alter_column("items", "n", existing_type=sa.Numeric(10, 2), type_=sa.Numeric(10, 1))'), [TYPE]),
        (revision('op.alter_column("items", "n", existing_type=sa.Enum("b"), type_=sa.Enum("a", "b"))'), []),
        (revision('op.alter_column("items", "n", existing_type=sa.String(SIZE), type_=sa.String(SIZE))'), []),
        (revision('op.add_column("items", sa.Column("name", sa.Text()))'), []),
        (revision('op.drop_index("items_name_idx")'), []),
        (sql("drop table if exists items"), [OBJECT]),
        (sql("CREATE TABLE a (b int); DROP TYPE mood"), [OBJECT]),
        (sql("DROP INDEX items_name_idx"), []),
        (sql("ALTER TABLE items DROP COLUMN name"), [COLUMN]),
        (sql("ALTER TABLE items\n    DROP name"), [COLUMN]),
        (sql("ALTER TABLE items DROP CONSTRAINT items_check"), []),
        (sql("ALTER TABLE items ALTER name DROP NOT NULL"), []),
        (sql("ALTER TABLE items ALTER COLUMN name DROP DEFAULT"), []),
        (sql("ALTER TABLE items ALTER COLUMN name SET NOT NULL"), [REQUIRED]),
        (sql("ALTER TABLE items ALTER COLUMN name TYPE varchar(20)"), [TYPE]),
        (sql("ALTER TABLE items ALTER name SET DATA TYPE text"), []),
        (sql("ALTER TABLE items RENAME TO things"), [RENAMED]),
        (sql("ALTER TYPE mood RENAME VALUE 'a' TO 'b'"), [RENAMED]),
        (sql("TRUNCATE items"), ["deletes all rows of a table"]),
        (sql("GRANT TRUNCATE ON items TO api"), []),
        (sql("DELETE FROM items WHERE id < 3"), ["deletes rows"]),
        (sql("WITH old AS (SELECT 1) DELETE FROM items"), ["deletes rows"]),
        (sql("CREATE TABLE a (b int REFERENCES c ON DELETE CASCADE)"), []),
        (sql("INSERT INTO texts VALUES ('x; DROP TABLE items')"), []),
        (sql("SELECT 1 -- ; DROP TABLE items"), []),
        (sql("SELECT 1 /* ; DROP TABLE items */"), []),
        (sql("CREATE FUNCTION f() RETURNS void AS $$ BEGIN DELETE FROM items; END $$ LANGUAGE plpgsql"), []),
        (sql("DO $$ BEGIN DELETE FROM items; END $$"), ["deletes rows"]),
        (sql("ALTER TABLE items ADD COLUMN a int NOT NULL"), [REQUIRES]),
        (sql("ALTER TABLE items ADD COLUMN a int NOT NULL DEFAULT 1"), []),
        (sql("ALTER TABLE items ADD COLUMN a int DEFAULT 1 NOT NULL"), []),
        (sql("ALTER TABLE items ADD COLUMN a int"), []),
        (sql("ALTER TABLE items ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID"), []),
        (revision('op.execute(f"DROP TABLE {name}")'), [OBJECT]),
        (revision('op.execute(f"EXPLAIN {options} DROP TABLE items")'), []),
        (revision('op.execute(f"{explain}DROP TABLE items")'), []),
        (revision("repeat()", more='def repeat():\n    repeat()\n    op.drop_table("items")\n'), ["drops a table"]),
        (revision("op.execute(sa.text(STATEMENT))", more='STATEMENT = "DROP TABLE items"'), [OBJECT]),
        (revision("helper()", more='def helper():\n    op.drop_table("items")\n'), ["drops a table"]),
        (revision("pass", more='UNDO = "DROP TABLE items"\ndef downgrade():\n    op.execute(UNDO)\n'), []),
        (revision("op.execute(LAST)", more='FIRST = "DROP TABLE items"\nLAST = FIRST\n'), [OBJECT]),
        (revision('op.execute("DROP " + "TABLE items")'), [OBJECT]),
        (revision('op.execute("DROP TABLE " + name)'), [OBJECT]),
        (revision('op.execute("EXPLAIN " + "DROP TABLE items")'), []),
        (revision('drop_table("items")', more="from alembic.op import drop_table"), ["drops a table"]),
        (revision('sa.Enum(name="mood").drop(op.get_bind())'), [OBJECT]),
        (revision("metadata.drop_all(op.get_bind())"), ["drops tables"]),
        (revision("op.execute(sa.delete(items))"), ["deletes rows"]),
        (revision('op.add_column("items", sa.Column("n", sa.Integer(), nullable=False))'), [REQUIRES]),
        (revision('op.add_column("items", sa.Column("n", sa.Integer(), nullable=False, server_default="1"))'), []),
        (revision('op.add_column("items", sa.Column("n", sa.Integer(), sa.Identity(), nullable=False))'), []),
        (
            revision("Step().run()", more='class Step:\n    def run(self):\n        op.drop_table("a")\n'),
            ["drops a table"],
        ),
        ('def go():\n    op.drop_table("items")\nupgrade = go\n', ["drops a table"]),
        ('if ONLINE:\n    async def upgrade():\n        op.drop_table("items")\n', ["drops a table"]),
        (revision("pass", more='def downgrade():\n    op.drop_table("items")\n'), []),
        (
            revision('op.drop_table("a")', 'op.drop_table("b")', 'op.execute("TRUNCATE c")'),
            ["drops a table", "deletes all rows of a table"],
        ),
    ],
)
def test_a_destructive_upgrade_is_found(source: str, expected: list[str]) -> None:
    """What only adds or loosens is none, and neither are texts, comments and the downgrade."""
    assert list(destructive(source)) == expected


def test_the_revisions_of_the_service_destroy_nothing() -> None:
    """They only add, so that the previous release keeps working."""
    paths = sorted((ROOT / "app" / "migrations" / "versions").glob("0*.py"))

    assert len(paths) > 1
    assert {path.name: list(destructive(path.read_text())) for path in paths} == {path.name: [] for path in paths}
