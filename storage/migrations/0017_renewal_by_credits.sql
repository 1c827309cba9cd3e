-- 0017_renewal_by_credits.sql
-- Why:  a certificate may be renewed without another exam: by continuing-education credits that its holder claims with evidence and staff
--       judge. The renewal is a certification decision of its own, about the sitting that the certificate has rested on from the start.
-- Plan: expand only. apply_row keeps what it could.   Locks: brief, on certification_decision and certificate.

-- What was done and what shows it lie sealed under the person's key.
CREATE TABLE education_credit (
    tenant_id       uuid        NOT NULL REFERENCES tenant (tenant_id),
    credit_id       uuid        NOT NULL,
    person_id       uuid        NOT NULL,
    certificate_id  uuid        NOT NULL,
    practice        boolean     NOT NULL,
    credits         integer     NOT NULL CHECK (credits BETWEEN 1 AND 1000),
    earned_at       timestamptz NOT NULL,
    sealed_claim    bytea       NOT NULL,           -- JSON {"what", "file", "type"}
    sealed_evidence bytea       NOT NULL,
    evidence_sha256 bytea       NOT NULL CHECK (length(evidence_sha256) = 32), -- of the sealed bytes: the journal says it too
    state           text        NOT NULL CHECK (state IN ('submitted', 'approved', 'refused')),
    decided_by      uuid,
    decided_at      timestamptz,
    sealed_reason   bytea,                          -- why it was refused, for its holder
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, credit_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id),
    FOREIGN KEY (tenant_id, certificate_id) REFERENCES certificate (tenant_id, certificate_id),
    CHECK ((state = 'submitted') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((state = 'refused') = (sealed_reason IS NOT NULL))
);
CREATE INDEX education_credit_of_certificate ON education_credit (tenant_id, certificate_id);
CREATE INDEX education_credit_of_person ON education_credit (tenant_id, person_id);
CREATE INDEX education_credit_waiting ON education_credit (tenant_id, created_at) WHERE state = 'submitted';

ALTER TABLE education_credit ENABLE ROW LEVEL SECURITY;
ALTER TABLE education_credit FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON education_credit USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON education_credit TO assay_app; -- DELETE: erasure

-- The certificate that a decision renews without another exam. One decision a sitting otherwise, and one a renewed certificate.
ALTER TABLE certification_decision ADD COLUMN renews uuid;
ALTER TABLE certification_decision DROP CONSTRAINT certification_decision_tenant_id_sitting_id_key;
CREATE UNIQUE INDEX certification_decision_of_sitting ON certification_decision (tenant_id, sitting_id) WHERE renews IS NULL;
CREATE UNIQUE INDEX certification_decision_of_renewal ON certification_decision (tenant_id, renews) WHERE renews IS NOT NULL;
-- Every certificate in the line of one sitting names it; the journal's key "issue/DECISION" keeps each decision to one certificate.
ALTER TABLE certificate DROP CONSTRAINT certificate_tenant_id_sitting_id_key;
CREATE INDEX certificate_of_sitting ON certificate (tenant_id, sitting_id, created_at);

ALTER FUNCTION apply_row(text, jsonb) RENAME TO apply_row_0015;

-- As before; the kinds of this migration first.
CREATE FUNCTION apply_row(p_kind text, p_row jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p_tenant uuid := (p_row ->> 'tenant_id')::uuid;
BEGIN
    CASE p_kind
    WHEN 'education_credit' THEN
        INSERT INTO education_credit SELECT * FROM jsonb_populate_record(NULL::education_credit, p_row);
    WHEN 'education_credit_judged' THEN
        UPDATE education_credit c SET (state, decided_by, decided_at, sealed_reason) = (r.state, r.decided_by, r.decided_at, r.sealed_reason)
          FROM jsonb_populate_record(NULL::education_credit, p_row) r WHERE c.tenant_id = p_tenant AND c.credit_id = r.credit_id;
    WHEN 'person_erased' THEN
        DELETE FROM education_credit WHERE tenant_id = p_tenant AND person_id = (p_row ->> 'person_id')::uuid;
        PERFORM apply_row_0015(p_kind, p_row);
    ELSE
        PERFORM apply_row_0015(p_kind, p_row);
    END CASE;
END $$;
