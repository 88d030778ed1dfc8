"""Versions of rows, indexes for sorted lists, idempotency keys, jobs with their outbox, and records of requests."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns with defaults and new tables, so that the previous release keeps working."""
    for table in ("items", "users"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN version integer NOT NULL DEFAULT 1")
        op.execute(f"CREATE INDEX {table}_name_id_idx ON {table} (name, id)")
        op.execute(f"CREATE INDEX {table}_name_prefix_idx ON {table} (name text_pattern_ops)")
        op.execute(f"CREATE INDEX {table}_created_at_id_idx ON {table} (created_at, id)")
    op.execute("""
        CREATE TABLE idempotency_keys (
            scope text NOT NULL,
            key text NOT NULL CHECK (char_length(key) <= 255),
            fingerprint bytea NOT NULL,
            status smallint,
            location text,
            body bytea,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (scope, key)
        )
    """)
    op.execute("CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at)")
    op.execute("""
        CREATE TABLE jobs (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            kind text NOT NULL,
            payload jsonb NOT NULL,
            state text NOT NULL DEFAULT 'queued'
                CHECK (state IN ('queued', 'running', 'retrying', 'succeeded', 'dead')),
            attempts integer NOT NULL DEFAULT 0,
            result jsonb,
            error text,
            request_id text,
            traceparent text,
            claimed_until timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            finished_at timestamptz
        )
    """)
    op.execute("CREATE INDEX jobs_unfinished_idx ON jobs (updated_at) WHERE finished_at IS NULL")
    op.execute("CREATE INDEX jobs_finished_at_idx ON jobs (finished_at) WHERE finished_at IS NOT NULL")
    op.execute("CREATE INDEX jobs_created_at_id_idx ON jobs (created_at, id)")
    op.execute("""
        CREATE TABLE outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
            created_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("CREATE INDEX outbox_job_id_idx ON outbox (job_id)")
    op.execute("""
        CREATE TABLE instances (
            instance text PRIMARY KEY,
            role text NOT NULL,
            sequence bigint NOT NULL DEFAULT 0,
            report jsonb NOT NULL DEFAULT '{}',
            seen_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("""
        CREATE TABLE request_minutes (
            minute timestamptz PRIMARY KEY,
            requests bigint NOT NULL,
            server_errors bigint NOT NULL,
            refused bigint NOT NULL,
            within_200ms bigint NOT NULL,
            within_500ms bigint NOT NULL,
            reads bigint NOT NULL,
            stale_reads bigint NOT NULL,
            seconds double precision NOT NULL,
            latency_counts bigint[] NOT NULL
        )
    """)


def downgrade() -> None:
    """Drop the added columns and tables; items and users stay."""
    for table in ("request_minutes", "instances", "outbox", "jobs", "idempotency_keys"):
        op.execute(f"DROP TABLE {table}")
    for table in ("items", "users"):
        op.execute(f"DROP INDEX {table}_name_id_idx, {table}_name_prefix_idx, {table}_created_at_id_idx")
        op.execute(f"ALTER TABLE {table} DROP COLUMN version")
