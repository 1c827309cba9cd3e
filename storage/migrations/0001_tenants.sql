-- Why:  the organisations whose data this is, and the hosts they are reached at. Both are read before a tenant is known
--       (that is how it becomes known), so everyone may SELECT; writing needs the tenant's own setting like everywhere.
-- Rule: every table with tenant_id forces row-level security by the plain expression below: no subquery (Citus refuses it), and
--       nullif because the setting reads '' after a transaction that had it.
GRANT USAGE ON SCHEMA public TO assay_app, assay_audit;

CREATE TABLE tenant (
    tenant_id     uuid PRIMARY KEY,
    slug          text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){0,62}$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind          text NOT NULL CHECK (kind IN ('demo', 'production')),
    public_origin text NOT NULL CHECK (public_origin ~ '^https://[^/?#]+$'),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON tenant FOR SELECT USING (true);
CREATE POLICY tenant_adds ON tenant FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
CREATE POLICY tenant_changes ON tenant FOR UPDATE USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT ON tenant TO assay_app;
GRANT UPDATE (name, public_origin) ON tenant TO assay_app; -- kind and slug are for ever: credentials and addresses name them
GRANT SELECT ON tenant TO assay_audit;

CREATE TABLE tenant_host (
    tenant_id uuid NOT NULL REFERENCES tenant,
    host      text NOT NULL UNIQUE CHECK (host = lower(host) AND length(host) BETWEEN 1 AND 253),
    PRIMARY KEY (tenant_id, host)
);
ALTER TABLE tenant_host ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_host FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON tenant_host FOR SELECT USING (true);
CREATE POLICY tenant_adds ON tenant_host FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
CREATE POLICY tenant_removes ON tenant_host FOR DELETE USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON tenant_host TO assay_app;
