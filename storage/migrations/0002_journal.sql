-- Why:  one append-only journal per tenant: the truth that everything else is derived from. The application may insert and
--       read; nobody but a migration can change or delete an entry. Details lie beside, sealed, so that erasing leaves the journal whole.
CREATE TABLE journal_head (
    tenant_id  uuid PRIMARY KEY REFERENCES tenant,
    next_index bigint NOT NULL CHECK (next_index >= 0)   -- indices count from 0 without a gap
);

CREATE TABLE journal_entry (
    tenant_id     uuid NOT NULL REFERENCES tenant,
    journal_index bigint NOT NULL CHECK (journal_index >= 0),
    entry         bytea NOT NULL CHECK (octet_length(entry) BETWEEN 2 AND 65535),
    leaf_hash     bytea NOT NULL,
    PRIMARY KEY (tenant_id, journal_index),
    CONSTRAINT leaf_hash_is_rfc6962 CHECK (leaf_hash = sha256('\x00'::bytea || entry))
);

CREATE TABLE stream_entry (
    tenant_id     uuid NOT NULL,
    stream        uuid NOT NULL,
    sequence      bigint NOT NULL CHECK (sequence >= 1),
    journal_index bigint NOT NULL,
    PRIMARY KEY (tenant_id, stream, sequence),
    UNIQUE (tenant_id, journal_index),
    FOREIGN KEY (tenant_id, journal_index) REFERENCES journal_entry
);

CREATE TABLE entry_detail (
    tenant_id     uuid NOT NULL,
    journal_index bigint NOT NULL,
    person_id     uuid,                  -- whose key seals it; null: the tenant's own
    sealed        bytea NOT NULL,
    PRIMARY KEY (tenant_id, journal_index),
    FOREIGN KEY (tenant_id, journal_index) REFERENCES journal_entry
);
CREATE INDEX entry_detail_by_person ON entry_detail (tenant_id, person_id) WHERE person_id IS NOT NULL;

CREATE TABLE idempotency (
    tenant_id     uuid NOT NULL REFERENCES tenant,
    key           text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 200),
    request_hash  bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    first_index   bigint NOT NULL,
    version       bigint NOT NULL,
    answer        text NOT NULL,         -- canonical JSON, byte for byte as first given
    recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, key)
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['journal_head', 'journal_entry', 'stream_entry', 'entry_detail', 'idempotency'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = nullif(current_setting(''assay.tenant'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO assay_app', t);
    END LOOP;
END $$;

GRANT UPDATE (next_index) ON journal_head TO assay_app;
GRANT DELETE ON entry_detail TO assay_app;               -- erasure
GRANT SELECT ON journal_head, journal_entry, stream_entry TO assay_audit;
