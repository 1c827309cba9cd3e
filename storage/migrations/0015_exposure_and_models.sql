-- 0015_exposure_and_models.sql
-- Why:  exposure control learns from the sittings of an exam version which items were shown to whom ability-wise, and an item may follow
--       another model than the three-parameter one.
-- Plan: expand only. apply_row keeps what it could; the kinds below come before it.   Locks: brief, on item_parameters.

-- Which items a sitting presented at which band of ability, and which were kept from it: places in the version's pool. No sitting, person
-- or time: nobody can be found in it. The newest thousand of a version are kept.
CREATE TABLE exposure_record (
    tenant_id    uuid   NOT NULL REFERENCES tenant (tenant_id),
    exam_version bytea  NOT NULL,
    ordinal      bigint GENERATED ALWAYS AS IDENTITY,
    record       jsonb  NOT NULL,
    PRIMARY KEY (tenant_id, exam_version, ordinal),
    FOREIGN KEY (tenant_id, exam_version) REFERENCES document (tenant_id, sha256)
);
ALTER TABLE exposure_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE exposure_record FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON exposure_record USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON exposure_record TO assay_app;

-- {"kind", "a", "b", "c", "d"} as in exam versions. NULL: three-parameter, by the columns beside it.
ALTER TABLE item_parameters ADD COLUMN model jsonb;

ALTER FUNCTION apply_row(text, jsonb) RENAME TO apply_row_0013;

CREATE FUNCTION apply_row(p_kind text, p_row jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p_tenant uuid := (p_row ->> 'tenant_id')::uuid;
    p_version bytea;
BEGIN
    CASE p_kind
    WHEN 'exposure_record' THEN
        INSERT INTO exposure_record (tenant_id, exam_version, record)
            SELECT r.tenant_id, r.exam_version, r.record FROM jsonb_populate_record(NULL::exposure_record, p_row) r RETURNING exam_version INTO p_version;
        DELETE FROM exposure_record WHERE tenant_id = p_tenant AND exam_version = p_version AND ordinal IN
            (SELECT ordinal FROM exposure_record WHERE tenant_id = p_tenant AND exam_version = p_version ORDER BY ordinal DESC OFFSET 1000);
    WHEN 'item_parameters' THEN
        INSERT INTO item_parameters SELECT * FROM jsonb_populate_record(NULL::item_parameters, p_row)
            ON CONFLICT (tenant_id, item_id) DO UPDATE SET (discrimination, difficulty, pseudo_guessing, provisional, recorded_at, model)
                = (EXCLUDED.discrimination, EXCLUDED.difficulty, EXCLUDED.pseudo_guessing, EXCLUDED.provisional, EXCLUDED.recorded_at, EXCLUDED.model);
    ELSE
        PERFORM apply_row_0013(p_kind, p_row);
    END CASE;
END $$;
