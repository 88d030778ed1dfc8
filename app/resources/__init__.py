"""REST resources on PostgreSQL tables: CRUD statements, pages of lists, idempotency and their documentation."""
