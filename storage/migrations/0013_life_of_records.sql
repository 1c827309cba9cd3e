-- 0013_life_of_records.sql
-- Why:  what happens to things after they were made: items are reviewed, sittings judged, people banned or erased, evidence deleted when
--       its time is over, reminders sent; and a tenant says under which addresses it writes and is written to.
-- Plan: expand only. apply_row keeps what it could; the kinds below come before it.   Locks: brief, on tenant.

-- Empty: not said yet. Then no mail leaves, because nobody could answer it.
ALTER TABLE tenant ADD COLUMN contact_email text NOT NULL DEFAULT '' CHECK (length(contact_email) <= 254);
ALTER TABLE tenant ADD COLUMN sender_email text NOT NULL DEFAULT '' CHECK (length(sender_email) <= 254);
GRANT UPDATE (contact_email, sender_email) ON tenant TO assay_app;

-- Which document of a kind holds for the whole tenant now: its retention policy.
CREATE TABLE tenant_document (
    tenant_id  uuid        NOT NULL REFERENCES tenant (tenant_id),
    kind       text        NOT NULL CHECK (kind IN ('retention_policy')),
    document   bytea       NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind),
    FOREIGN KEY (tenant_id, document) REFERENCES document (tenant_id, sha256)
);

-- What an item is assumed or known to be worth; the exam version copies it, so that a later calibration moves no past exam.
CREATE TABLE item_parameters (
    tenant_id       uuid             NOT NULL REFERENCES tenant (tenant_id),
    item_id         uuid             NOT NULL,
    discrimination  double precision NOT NULL CHECK (discrimination > 0),
    difficulty      double precision NOT NULL,
    pseudo_guessing double precision NOT NULL CHECK (pseudo_guessing >= 0 AND pseudo_guessing < 1),
    provisional     boolean          NOT NULL,
    recorded_at     timestamptz      NOT NULL,
    PRIMARY KEY (tenant_id, item_id),
    FOREIGN KEY (tenant_id, item_id) REFERENCES item (tenant_id, item_id)
);

-- The one judgement of a sitting, beside the verdicts on its incidents. void and ban_until count once a second person confirmed.
CREATE TABLE sitting_review (
    tenant_id    uuid        NOT NULL REFERENCES tenant (tenant_id),
    sitting_id   uuid        NOT NULL,
    person_id    uuid        NOT NULL,
    decision     text        NOT NULL CHECK (decision IN ('no_action', 'warning', 'void', 'ban_until')),
    reason       text        NOT NULL,             -- a word of proctor's fixed list
    banned_until timestamptz,
    reviewer     uuid        NOT NULL,
    decided_at   timestamptz NOT NULL,
    confirmed_by uuid,
    confirmed_at timestamptz,
    PRIMARY KEY (tenant_id, sitting_id),
    FOREIGN KEY (tenant_id, sitting_id) REFERENCES sitting (tenant_id, sitting_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id),
    CHECK ((decision = 'ban_until') = (banned_until IS NOT NULL)),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CHECK (confirmed_by IS DISTINCT FROM reviewer)
);
CREATE INDEX sitting_review_bans ON sitting_review (tenant_id, person_id) WHERE banned_until IS NOT NULL;

-- The same mail address is the same person: a ban, an award and an erasure are about people, not about invitations. The address is
-- kept as a keyed hash only.
CREATE TABLE person_contact (
    tenant_id    uuid  NOT NULL REFERENCES tenant (tenant_id),
    contact_hash bytea NOT NULL CHECK (length(contact_hash) = 32),
    person_id    uuid  NOT NULL,
    PRIMARY KEY (tenant_id, contact_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id)
);
CREATE INDEX person_contact_by_person ON person_contact (tenant_id, person_id);

-- What a candidate agreed to, purpose by purpose, and the retention policy whose numbers were shown.
CREATE TABLE consent (
    tenant_id        uuid        NOT NULL REFERENCES tenant (tenant_id),
    registration_id  uuid        NOT NULL,
    camera           boolean     NOT NULL,
    stills           boolean     NOT NULL,
    retention_policy bytea,                        -- NULL: the shipped defaults
    agreed_at        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, registration_id),
    FOREIGN KEY (tenant_id, registration_id) REFERENCES registration (tenant_id, registration_id),
    FOREIGN KEY (tenant_id, retention_policy) REFERENCES document (tenant_id, sha256)
);

-- While a hold stands, nothing of the person's is deleted or erased.
CREATE TABLE legal_hold (
    tenant_id uuid        NOT NULL REFERENCES tenant (tenant_id),
    person_id uuid        NOT NULL,
    placed_by uuid        NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_at timestamptz,
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id)
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['tenant_document', 'item_parameters', 'sitting_review', 'person_contact', 'consent', 'legal_hold'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_tenant ON %I USING (tenant_id = nullif(current_setting(''assay.tenant'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO assay_app', t);
    END LOOP;
END $$;
GRANT DELETE ON person_contact, sitting_review TO assay_app; -- erasure
GRANT DELETE ON evidence, outbox TO assay_app;               -- retention and erasure

-- Takes out of the read models all that says who a person is or how the person did. What stays are ids, times and state words, which the
-- journal holds too. One transaction with the entry that records it; keys, details and files follow (storage::Vault::erase).
CREATE FUNCTION apply_person_erased(p_tenant uuid, p_person uuid, p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE person SET sealed_profile = '', erased_at = p_at WHERE tenant_id = p_tenant AND person_id = p_person;
    UPDATE login SET ended_at = p_at WHERE tenant_id = p_tenant AND ended_at IS NULL AND registration_id IN
        (SELECT registration_id FROM registration WHERE tenant_id = p_tenant AND person_id = p_person);
    -- The link of the invitation leads nowhere any more: nobody knows what hashes to this.
    UPDATE registration SET token_hash = sha256(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')),
        state = CASE WHEN state IN ('done', 'no_show', 'lapsed') THEN state ELSE 'cancelled' END
        WHERE tenant_id = p_tenant AND person_id = p_person;
    UPDATE incident SET facts = '{}', evidence = '[]' WHERE tenant_id = p_tenant AND sitting_id IN
        (SELECT sitting_id FROM sitting WHERE tenant_id = p_tenant AND person_id = p_person);
    UPDATE sitting SET passed = NULL WHERE tenant_id = p_tenant AND person_id = p_person;
    UPDATE certification_decision SET reason = NULL WHERE tenant_id = p_tenant AND person_id = p_person;
    DELETE FROM due WHERE tenant_id = p_tenant AND key IN
        (SELECT certificate_id FROM certificate WHERE tenant_id = p_tenant AND person_id = p_person);
    UPDATE certificate SET sealed_credential = '', ended_reason = NULL WHERE tenant_id = p_tenant AND person_id = p_person;
    DELETE FROM evidence WHERE tenant_id = p_tenant AND person_id = p_person;
    DELETE FROM outbox WHERE tenant_id = p_tenant AND recipient = p_person;
    DELETE FROM person_contact WHERE tenant_id = p_tenant AND person_id = p_person;
    DELETE FROM sitting_review WHERE tenant_id = p_tenant AND person_id = p_person;
END $$;

ALTER FUNCTION apply_row(text, jsonb) RENAME TO apply_row_0010;

-- As before; the kinds of this migration first. Rows of these tables are given whole.
CREATE FUNCTION apply_row(p_kind text, p_row jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p_tenant uuid := (p_row ->> 'tenant_id')::uuid;
BEGIN
    CASE p_kind
    WHEN 'tenant_addresses' THEN
        UPDATE tenant SET (contact_email, sender_email) = (p_row ->> 'contact_email', p_row ->> 'sender_email') WHERE tenant_id = p_tenant;
    WHEN 'tenant_document' THEN
        INSERT INTO tenant_document SELECT * FROM jsonb_populate_record(NULL::tenant_document, p_row)
            ON CONFLICT (tenant_id, kind) DO UPDATE SET (document, changed_at) = (EXCLUDED.document, EXCLUDED.changed_at);
    WHEN 'item_parameters' THEN
        INSERT INTO item_parameters SELECT * FROM jsonb_populate_record(NULL::item_parameters, p_row)
            ON CONFLICT (tenant_id, item_id) DO UPDATE SET (discrimination, difficulty, pseudo_guessing, provisional, recorded_at)
                = (EXCLUDED.discrimination, EXCLUDED.difficulty, EXCLUDED.pseudo_guessing, EXCLUDED.provisional, EXCLUDED.recorded_at);
    WHEN 'sitting_review' THEN
        INSERT INTO sitting_review SELECT * FROM jsonb_populate_record(NULL::sitting_review, p_row)
            ON CONFLICT (tenant_id, sitting_id) DO UPDATE SET (decision, reason, banned_until, reviewer, decided_at, confirmed_by, confirmed_at)
                = (EXCLUDED.decision, EXCLUDED.reason, EXCLUDED.banned_until, EXCLUDED.reviewer, EXCLUDED.decided_at,
                EXCLUDED.confirmed_by, EXCLUDED.confirmed_at);
    WHEN 'sitting_review_declined' THEN
        DELETE FROM sitting_review WHERE tenant_id = p_tenant AND sitting_id = (p_row ->> 'sitting_id')::uuid AND confirmed_by IS NULL;
    WHEN 'person_contact' THEN
        INSERT INTO person_contact SELECT * FROM jsonb_populate_record(NULL::person_contact, p_row);
    WHEN 'consent' THEN
        INSERT INTO consent SELECT * FROM jsonb_populate_record(NULL::consent, p_row)
            ON CONFLICT (tenant_id, registration_id) DO UPDATE SET (camera, stills, retention_policy, agreed_at)
                = (EXCLUDED.camera, EXCLUDED.stills, EXCLUDED.retention_policy, EXCLUDED.agreed_at);
    WHEN 'legal_hold' THEN
        INSERT INTO legal_hold SELECT * FROM jsonb_populate_record(NULL::legal_hold, p_row)
            ON CONFLICT (tenant_id, person_id) DO UPDATE SET (placed_by, placed_at, lifted_at)
                = (EXCLUDED.placed_by, EXCLUDED.placed_at, EXCLUDED.lifted_at);
    WHEN 'due' THEN
        INSERT INTO due SELECT * FROM jsonb_populate_record(NULL::due, p_row) ON CONFLICT (tenant_id, kind, key) DO UPDATE SET at = EXCLUDED.at;
    WHEN 'due_done' THEN
        DELETE FROM due WHERE tenant_id = p_tenant AND kind = p_row ->> 'kind' AND key = (p_row ->> 'key')::uuid;
    WHEN 'evidence_deleted' THEN
        DELETE FROM evidence WHERE tenant_id = p_tenant AND sitting_id = (p_row ->> 'sitting_id')::uuid;
        UPDATE incident SET evidence = '[]', facts = '{}' WHERE tenant_id = p_tenant AND sitting_id = (p_row ->> 'sitting_id')::uuid;
    WHEN 'person_erased' THEN
        PERFORM apply_person_erased(p_tenant, (p_row ->> 'person_id')::uuid, (p_row ->> 'erased_at')::timestamptz);
    ELSE
        PERFORM apply_row_0010(p_kind, p_row);
    END CASE;
END $$;
