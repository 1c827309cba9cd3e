-- Why:  master key (a file) → tenant_key → data_key, each sealed under the one before it. Erasing a person sets sealed_key to null:
--       the row stays to say so, and no key is made for that person again.
CREATE TABLE tenant_key (
    tenant_id  uuid PRIMARY KEY REFERENCES tenant,
    sealed_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE data_key (
    tenant_id  uuid NOT NULL REFERENCES tenant,
    subject    uuid NOT NULL,            -- a person; all zeros: the tenant itself
    sealed_key bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    erased_at  timestamptz,
    PRIMARY KEY (tenant_id, subject),
    CHECK ((sealed_key IS NULL) = (erased_at IS NOT NULL))
);
ALTER TABLE tenant_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_key FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenant_key USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE data_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_key FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON data_key USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT ON tenant_key, data_key TO assay_app;
GRANT UPDATE (sealed_key, erased_at) ON data_key TO assay_app;
