-- 0018_witnesses.sql
-- Why:  witnesses of a tenant's journal (C2SP tlog-witness) are asked by the service itself, and what they cosign is published. Which witnesses
--       is a setting, so each change is an entry; how far one has come is not, and stands beside it. A cosignature is added to its
--       checkpoint, which itself never changes: the note that was signed stays byte for byte, the lines are appended where it is read.
-- Plan: expand only. apply_row keeps what it could; the kinds below come before it.   Locks: none that lasts.
CREATE TABLE witness (
    tenant_id  uuid        NOT NULL REFERENCES tenant,
    name       text        NOT NULL,                            -- as in its key
    vkey       text        NOT NULL,
    url        text        NOT NULL,                            -- asked at URL/add-checkpoint
    known_size bigint      NOT NULL DEFAULT 0 CHECK (known_size >= 0), -- of the checkpoint that it cosigned last, as far as it has told
    failures   integer     NOT NULL DEFAULT 0,                  -- in a row
    next_at    timestamptz NOT NULL DEFAULT '-infinity',        -- not asked before: backoff
    PRIMARY KEY (tenant_id, name)
);
CREATE TABLE cosignature (
    tenant_id uuid   NOT NULL REFERENCES tenant,
    tree_size bigint NOT NULL,
    witness   text   NOT NULL,
    line      bytea  NOT NULL CHECK (octet_length(line) BETWEEN 1 AND 1024),  -- of the note, its newline included
    PRIMARY KEY (tenant_id, tree_size, witness),
    FOREIGN KEY (tenant_id, tree_size) REFERENCES checkpoint
);
ALTER TABLE witness ENABLE ROW LEVEL SECURITY;
ALTER TABLE witness FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON witness USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE cosignature ENABLE ROW LEVEL SECURITY;
ALTER TABLE cosignature FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON cosignature USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON witness TO assay_app;
GRANT SELECT, INSERT ON cosignature TO assay_app;
GRANT SELECT ON witness, cosignature TO assay_audit;

ALTER FUNCTION apply_row(text, jsonb) RENAME TO apply_row_0017;

-- As before; the kinds of this migration first.
CREATE FUNCTION apply_row(p_kind text, p_row jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p_tenant uuid := (p_row ->> 'tenant_id')::uuid;
BEGIN
    CASE p_kind
    WHEN 'witness' THEN
        INSERT INTO witness (tenant_id, name, vkey, url) VALUES (p_tenant, p_row ->> 'name', p_row ->> 'vkey', p_row ->> 'url')
            ON CONFLICT (tenant_id, name) DO UPDATE SET vkey = excluded.vkey, url = excluded.url, known_size = 0, failures = 0, next_at = '-infinity';
    WHEN 'witness_removed' THEN
        DELETE FROM witness WHERE tenant_id = p_tenant AND name = p_row ->> 'name';
    ELSE
        PERFORM apply_row_0017(p_kind, p_row);
    END CASE;
END $$;
