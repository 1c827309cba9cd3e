-- 0014_certificate_lookups.sql
-- Why:  an uploaded file is looked for by its digest, and after a key's compromise what was issued since then by its time.
-- Plan: indexes only.   Locks: writes to certificate wait while they are built (a second a million rows).
CREATE INDEX certificate_by_digest ON certificate (tenant_id, credential_sha256);
CREATE INDEX certificate_by_time ON certificate (tenant_id, created_at);
