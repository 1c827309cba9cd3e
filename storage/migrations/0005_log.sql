-- Why:  the transparency log is a projection of the journal: hash tiles (C2SP tlog-tiles) and signed checkpoints. Each checkpoint names
--       the size it follows; that size is unique, so of two publishers with the same predecessor one is refused: compare-and-set.
CREATE TABLE checkpoint (
    tenant_id     uuid NOT NULL REFERENCES tenant,
    tree_size     bigint NOT NULL,
    previous_size bigint NOT NULL CHECK (previous_size >= 0),   -- 0: the first one
    root_hash     bytea NOT NULL CHECK (octet_length(root_hash) = 32),
    note          bytea NOT NULL,                               -- the signed note, byte for byte
    published_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, tree_size),
    UNIQUE (tenant_id, previous_size),
    CHECK (tree_size > previous_size)
);
CREATE TABLE tile (
    tenant_id  uuid NOT NULL REFERENCES tenant,
    level      smallint NOT NULL CHECK (level BETWEEN 0 AND 63),
    tile_index bigint NOT NULL CHECK (tile_index >= 0),
    width      smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
    hashes     bytea NOT NULL,
    PRIMARY KEY (tenant_id, level, tile_index, width),
    CHECK (octet_length(hashes) = 32 * width)
);
ALTER TABLE checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE checkpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON checkpoint USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE tile FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tile USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT ON checkpoint, tile TO assay_app;
GRANT DELETE ON tile TO assay_app;   -- partial tiles, once a wider one is there; all can be computed again
GRANT SELECT ON checkpoint, tile TO assay_audit;
