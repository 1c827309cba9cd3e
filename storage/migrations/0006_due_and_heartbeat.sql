-- Why:  what schedulers scan over all tenants (no content: when, what kind, which id), and the record of when any node was alive,
--       from which the time of our own outages is credited.
CREATE TABLE due (
    tenant_id uuid NOT NULL REFERENCES tenant,
    kind      text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    key       uuid NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, key)
);
CREATE INDEX due_by_time ON due (at);
ALTER TABLE due ENABLE ROW LEVEL SECURITY;
ALTER TABLE due FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON due FOR SELECT USING (true);
CREATE POLICY tenant_adds ON due FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
CREATE POLICY tenant_changes ON due FOR UPDATE USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
CREATE POLICY tenant_removes ON due FOR DELETE USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON due TO assay_app;

-- One row per unbroken span of one node's life. A beat that comes too late opens a new span, so an outage of the database or a stopped
-- process stays visible although the node lived on.
CREATE TABLE node_heartbeat (
    node_id    uuid NOT NULL,
    started_at timestamptz NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (node_id, started_at),
    CHECK (at >= started_at)
);
CREATE INDEX node_heartbeat_by_time ON node_heartbeat (at);
GRANT SELECT, INSERT, DELETE ON node_heartbeat TO assay_app;
GRANT UPDATE (at) ON node_heartbeat TO assay_app;
