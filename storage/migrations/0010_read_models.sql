-- 0010_read_models.sql
-- Why:  what pages and schedulers look up. Every row is written with the journal entry that explains it (apply_row), and
--       can be rebuilt from the journal, the immutable documents and the sealed details.   Locks: none, all tables are new.

-- Documents that decide something: immutable, named by the SHA-256 of their bytes. Items, exam versions, policies, programmes,
-- rules that candidates accept, standard-setting records.
CREATE TABLE document (
    tenant_id   uuid        NOT NULL REFERENCES tenant (tenant_id),
    sha256      bytea       NOT NULL CHECK (length(sha256) = 32),
    kind        text        NOT NULL,
    identifier  text        NOT NULL,
    version     text        NOT NULL,
    content     bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
);
CREATE INDEX document_by_name ON document (tenant_id, kind, identifier);

-- An exam as candidates are invited to it; its versions are documents.
CREATE TABLE exam (
    tenant_id            uuid        NOT NULL REFERENCES tenant (tenant_id),
    exam_id              uuid        NOT NULL,
    identifier           text        NOT NULL,
    title                text        NOT NULL,
    state                text        NOT NULL CHECK (state IN ('draft', 'under_test', 'published', 'closed')),
    exam_version         bytea       NOT NULL,
    programme_id         uuid        NOT NULL,
    programme            bytea       NOT NULL,
    proctoring_policy    bytea,                    -- NULL: sat without a camera
    credential_policy    bytea       NOT NULL,
    rules                bytea       NOT NULL,
    created_at           timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, exam_id),
    UNIQUE (tenant_id, identifier),
    FOREIGN KEY (tenant_id, exam_version) REFERENCES document (tenant_id, sha256),
    FOREIGN KEY (tenant_id, programme) REFERENCES document (tenant_id, sha256),
    FOREIGN KEY (tenant_id, proctoring_policy) REFERENCES document (tenant_id, sha256),
    FOREIGN KEY (tenant_id, credential_policy) REFERENCES document (tenant_id, sha256),
    FOREIGN KEY (tenant_id, rules) REFERENCES document (tenant_id, sha256)
);

-- Imported items are drafts until somebody other than the author approves them.
CREATE TABLE item (
    tenant_id    uuid        NOT NULL REFERENCES tenant (tenant_id),
    item_id      uuid        NOT NULL,
    identifier   text        NOT NULL,
    area         text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('draft', 'in_review', 'approved', 'pretest', 'operational', 'suspended', 'retired')),
    document     bytea       NOT NULL,
    author       text        NOT NULL,
    approved_by  uuid,
    provisional  boolean     NOT NULL,             -- its parameters are a judgement, not a calibration
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, item_id),
    FOREIGN KEY (tenant_id, document) REFERENCES document (tenant_id, sha256)
);

CREATE TABLE staff (
    tenant_id      uuid        NOT NULL REFERENCES tenant (tenant_id),
    staff_id       uuid        NOT NULL,
    email          text        NOT NULL,
    name           text        NOT NULL,
    password_hash  text        NOT NULL,           -- Argon2id, libsodium's encoded form
    roles          text        NOT NULL,           -- words separated by spaces: owner, manager, proctor, reviewer, certifier, auditor
    disabled       boolean     NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, staff_id),
    UNIQUE (tenant_id, email)
);

-- A signed-in browser. Only the hash of its token is here.
CREATE TABLE login (
    tenant_id        uuid        NOT NULL REFERENCES tenant (tenant_id),
    token_hash       bytea       NOT NULL CHECK (length(token_hash) = 32),
    kind             text        NOT NULL CHECK (kind IN ('staff', 'candidate')),
    staff_id         uuid,
    registration_id  uuid,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CHECK ((kind = 'staff') = (staff_id IS NOT NULL) AND (kind = 'candidate') = (registration_id IS NOT NULL))
);

-- Names, contacts and affiliation lie sealed under the person's own key: erasure destroys the key.
CREATE TABLE person (
    tenant_id       uuid        NOT NULL REFERENCES tenant (tenant_id),
    person_id       uuid        NOT NULL,
    sealed_profile  bytea       NOT NULL,
    created_at      timestamptz NOT NULL,
    erased_at       timestamptz,
    PRIMARY KEY (tenant_id, person_id)
);

CREATE TABLE registration (
    tenant_id         uuid        NOT NULL REFERENCES tenant (tenant_id),
    registration_id   uuid        NOT NULL,
    person_id         uuid        NOT NULL,
    exam_id           uuid        NOT NULL,
    state             text        NOT NULL CHECK (state IN ('invited', 'unverified', 'eligible', 'booked', 'checked_in', 'in_exam', 'done', 'no_show', 'cancelled', 'lapsed')),
    token_hash        bytea       NOT NULL CHECK (length(token_hash) = 32),
    extra_minutes     integer     NOT NULL DEFAULT 0 CHECK (extra_minutes BETWEEN 0 AND 1440),
    camera_agreed     boolean,                     -- NULL: not asked yet
    rules_accepted    bytea,                       -- SHA-256 of the rules document that was shown
    rules_accepted_at timestamptz,
    invited_by        uuid        NOT NULL,
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, registration_id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id),
    FOREIGN KEY (tenant_id, exam_id) REFERENCES exam (tenant_id, exam_id)
);
ALTER TABLE login ADD FOREIGN KEY (tenant_id, registration_id) REFERENCES registration (tenant_id, registration_id);

-- Run, score, validity and decision are separate things (design law 5).
CREATE TABLE sitting (
    tenant_id        uuid        NOT NULL REFERENCES tenant (tenant_id),
    sitting_id       uuid        NOT NULL,
    registration_id  uuid        NOT NULL,
    person_id        uuid        NOT NULL,
    exam_id          uuid        NOT NULL,
    exam_version     bytea       NOT NULL,
    programme        bytea       NOT NULL,
    proctoring_policy bytea,
    credential_policy bytea      NOT NULL,
    run_state        text        NOT NULL CHECK (run_state IN ('ready', 'running', 'paused', 'submitted', 'timed_out', 'terminated')),
    paused_by        text,
    version          bigint      NOT NULL,
    attachment       integer     NOT NULL DEFAULT 0,
    items_answered   integer     NOT NULL DEFAULT 0,
    opened_at        timestamptz NOT NULL,
    started_at       timestamptz,
    closes_at        timestamptz,
    ended_at         timestamptz,
    last_seen_at     timestamptz,
    score_state      text        NOT NULL DEFAULT 'none' CHECK (score_state IN ('none', 'provisional', 'final', 'withheld', 'rescored')),
    passed           boolean,
    validity         text        NOT NULL DEFAULT 'unreviewed' CHECK (validity IN ('unreviewed', 'clear', 'under_review', 'upheld', 'voided')),
    PRIMARY KEY (tenant_id, sitting_id),
    FOREIGN KEY (tenant_id, registration_id) REFERENCES registration (tenant_id, registration_id),
    FOREIGN KEY (tenant_id, exam_version) REFERENCES document (tenant_id, sha256),
    FOREIGN KEY (tenant_id, programme) REFERENCES document (tenant_id, sha256)
);
CREATE INDEX sitting_by_registration ON sitting (tenant_id, registration_id);
CREATE INDEX sitting_open ON sitting (tenant_id, run_state) WHERE run_state IN ('ready', 'running', 'paused');

CREATE TABLE incident (
    tenant_id       uuid        NOT NULL REFERENCES tenant (tenant_id),
    incident_id     uuid        NOT NULL,
    sitting_id      uuid        NOT NULL,
    type            text        NOT NULL,
    severity        text        NOT NULL CHECK (severity IN ('info', 'low', 'medium', 'high')),
    state           text        NOT NULL CHECK (state IN ('open', 'dismissed', 'noted', 'escalated')),
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    client_claimed  boolean     NOT NULL,
    confidence      double precision NOT NULL,
    facts           jsonb       NOT NULL,          -- all that was measured: detector, thresholds, episodes, frames
    evidence        jsonb       NOT NULL DEFAULT '[]',  -- [{"sha256","at","position"}]
    decided_by      uuid,
    decided_at      timestamptz,
    reason          text,
    PRIMARY KEY (tenant_id, incident_id),
    FOREIGN KEY (tenant_id, sitting_id) REFERENCES sitting (tenant_id, sitting_id)
);
CREATE INDEX incident_by_sitting ON incident (tenant_id, sitting_id);
CREATE INDEX incident_open ON incident (tenant_id, started_at) WHERE state = 'open';

-- Encrypted files beside the database; the journal entry names them before they count.
CREATE TABLE evidence (
    tenant_id    uuid        NOT NULL REFERENCES tenant (tenant_id),
    sha256       bytea       NOT NULL CHECK (length(sha256) = 32),  -- of the sealed file: its name
    person_id    uuid        NOT NULL,
    sitting_id   uuid        NOT NULL,
    size         bigint      NOT NULL,
    taken_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sha256),
    FOREIGN KEY (tenant_id, sitting_id) REFERENCES sitting (tenant_id, sitting_id)
);

CREATE TABLE certification_decision (
    tenant_id    uuid        NOT NULL REFERENCES tenant (tenant_id),
    decision_id  uuid        NOT NULL,
    sitting_id   uuid        NOT NULL,
    person_id    uuid        NOT NULL,
    programme    bytea       NOT NULL,
    scope        text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('pending', 'granted', 'refused', 'withdrawn')),
    basis        jsonb       NOT NULL,
    decided_by   text,                             -- staff id, or the rule's document hash
    reason       text,
    created_at   timestamptz NOT NULL,
    decided_at   timestamptz,
    PRIMARY KEY (tenant_id, decision_id),
    UNIQUE (tenant_id, sitting_id),
    FOREIGN KEY (tenant_id, sitting_id) REFERENCES sitting (tenant_id, sitting_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id)
);

-- One key per purpose; retired keys stay, so that old signatures verify.
CREATE TABLE issuer_key (
    tenant_id    uuid        NOT NULL REFERENCES tenant (tenant_id),
    key_id       text        NOT NULL,             -- the public key's multibase text
    purpose      text        NOT NULL CHECK (purpose IN ('credential', 'status', 'journal')),
    sealed_seed  bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (tenant_id, key_id)
);

CREATE TABLE certificate (
    tenant_id          uuid        NOT NULL REFERENCES tenant (tenant_id),
    certificate_id     uuid        NOT NULL,       -- 128 random bits: the public id
    number             text        NOT NULL,
    person_id          uuid        NOT NULL,
    sitting_id         uuid        NOT NULL,
    decision_id        uuid        NOT NULL,
    state              text        NOT NULL CHECK (state IN ('active', 'grace', 'expired', 'suspended', 'revoked', 'superseded', 'surrendered')),
    status_list        integer     NOT NULL,
    status_index       integer     NOT NULL,
    valid_from         timestamptz NOT NULL,
    valid_until        timestamptz,
    grace_until        timestamptz,
    renewal_opens_at   timestamptz,
    credential_sha256  bytea       NOT NULL,       -- of the canonical credential without proof: what the journal commits to
    sealed_credential  bytea       NOT NULL,       -- JSON {"credential", "jwt", "facts"} under the person's key
    visibility         text        NOT NULL DEFAULT 'link' CHECK (visibility IN ('public', 'link', 'hidden')),
    superseded_by      uuid,
    ended_at           timestamptz,
    ended_reason       text,
    created_at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, certificate_id),
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, sitting_id),
    UNIQUE (tenant_id, status_list, status_index),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, person_id),
    FOREIGN KEY (tenant_id, decision_id) REFERENCES certification_decision (tenant_id, decision_id)
);

-- Mail leaves through here: one row per (event, recipient), one Message-ID over all retries.
CREATE TABLE outbox (
    tenant_id        uuid        NOT NULL REFERENCES tenant (tenant_id),
    outbox_id        uuid        NOT NULL,
    event            text        NOT NULL,         -- what happened, as "kind:id"
    recipient        uuid        NOT NULL,         -- person
    message_id       text        NOT NULL,
    template         text        NOT NULL,
    sealed_arguments bytea       NOT NULL,         -- JSON under the recipient's key
    state            text        NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts         integer     NOT NULL DEFAULT 0,
    next_at          timestamptz NOT NULL,
    last_error       text,
    sent_at          timestamptz,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, outbox_id),
    UNIQUE (tenant_id, event, recipient)
);
CREATE INDEX outbox_queued ON outbox (tenant_id, next_at) WHERE state = 'queued';

-- Row-level security: a row is its tenant's, and the database itself refuses the rest.
ALTER TABLE document ENABLE ROW LEVEL SECURITY;
ALTER TABLE document FORCE ROW LEVEL SECURITY;
CREATE POLICY document_of_tenant ON document USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE exam ENABLE ROW LEVEL SECURITY;
ALTER TABLE exam FORCE ROW LEVEL SECURITY;
CREATE POLICY exam_of_tenant ON exam USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
ALTER TABLE item FORCE ROW LEVEL SECURITY;
CREATE POLICY item_of_tenant ON item USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff FORCE ROW LEVEL SECURITY;
CREATE POLICY staff_of_tenant ON staff USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE login ENABLE ROW LEVEL SECURITY;
ALTER TABLE login FORCE ROW LEVEL SECURITY;
CREATE POLICY login_of_tenant ON login USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY person_of_tenant ON person USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE registration ENABLE ROW LEVEL SECURITY;
ALTER TABLE registration FORCE ROW LEVEL SECURITY;
CREATE POLICY registration_of_tenant ON registration USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE sitting ENABLE ROW LEVEL SECURITY;
ALTER TABLE sitting FORCE ROW LEVEL SECURITY;
CREATE POLICY sitting_of_tenant ON sitting USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE incident ENABLE ROW LEVEL SECURITY;
ALTER TABLE incident FORCE ROW LEVEL SECURITY;
CREATE POLICY incident_of_tenant ON incident USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE evidence FORCE ROW LEVEL SECURITY;
CREATE POLICY evidence_of_tenant ON evidence USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE certification_decision ENABLE ROW LEVEL SECURITY;
ALTER TABLE certification_decision FORCE ROW LEVEL SECURITY;
CREATE POLICY certification_decision_of_tenant ON certification_decision USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE issuer_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE issuer_key FORCE ROW LEVEL SECURITY;
CREATE POLICY issuer_key_of_tenant ON issuer_key USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY certificate_of_tenant ON certificate USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY outbox_of_tenant ON outbox USING (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('assay.tenant', true), '')::uuid);

GRANT SELECT, INSERT ON document TO assay_app;
GRANT SELECT, INSERT, UPDATE ON exam TO assay_app;
GRANT SELECT, INSERT, UPDATE ON item TO assay_app;
GRANT SELECT, INSERT, UPDATE ON staff TO assay_app;
GRANT SELECT, INSERT, UPDATE ON login TO assay_app;
GRANT SELECT, INSERT, UPDATE ON person TO assay_app;
GRANT SELECT, INSERT, UPDATE ON registration TO assay_app;
GRANT SELECT, INSERT, UPDATE ON sitting TO assay_app;
GRANT SELECT, INSERT, UPDATE ON incident TO assay_app;
GRANT SELECT, INSERT ON evidence TO assay_app;
GRANT SELECT, INSERT, UPDATE ON certification_decision TO assay_app;
GRANT SELECT, INSERT, UPDATE ON issuer_key TO assay_app;
GRANT SELECT, INSERT, UPDATE ON certificate TO assay_app;
GRANT SELECT, INSERT, UPDATE ON outbox TO assay_app;

-- One row of a read model, given as the columns that change: laid over the row that stands, or over an empty one.
-- Only append_batch calls this, in the transaction of the entry that explains the row; the journal puts tenant_id into the row.
CREATE OR REPLACE FUNCTION apply_row(p_kind text, p_row jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    given    jsonb := p_row;
    p_tenant uuid  := (p_row ->> 'tenant_id')::uuid;
    a_document document%ROWTYPE;
    a_exam exam%ROWTYPE;
    a_item item%ROWTYPE;
    a_staff staff%ROWTYPE;
    a_login login%ROWTYPE;
    a_person person%ROWTYPE;
    a_registration registration%ROWTYPE;
    a_sitting sitting%ROWTYPE;
    a_incident incident%ROWTYPE;
    a_evidence evidence%ROWTYPE;
    a_certification_decision certification_decision%ROWTYPE;
    a_issuer_key issuer_key%ROWTYPE;
    a_certificate certificate%ROWTYPE;
    a_outbox outbox%ROWTYPE;
BEGIN
    CASE p_kind
    WHEN 'document' THEN
        INSERT INTO document SELECT * FROM jsonb_populate_record(NULL::document, given) ON CONFLICT (tenant_id, sha256) DO NOTHING;
    WHEN 'exam' THEN
        SELECT * INTO a_exam FROM exam WHERE tenant_id = p_tenant AND exam_id = (given ->> 'exam_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_exam := jsonb_populate_record(a_exam, given);
            UPDATE exam SET (identifier, title, state, exam_version, programme_id, programme, proctoring_policy, credential_policy,
                rules, created_at)
                = (a_exam.identifier, a_exam.title, a_exam.state, a_exam.exam_version, a_exam.programme_id,
                a_exam.programme, a_exam.proctoring_policy, a_exam.credential_policy, a_exam.rules, a_exam.created_at)
                WHERE tenant_id = p_tenant AND exam_id = a_exam.exam_id;
        ELSE
            INSERT INTO exam SELECT * FROM jsonb_populate_record(NULL::exam, given);
        END IF;
    WHEN 'item' THEN
        SELECT * INTO a_item FROM item WHERE tenant_id = p_tenant AND item_id = (given ->> 'item_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_item := jsonb_populate_record(a_item, given);
            UPDATE item SET (identifier, area, state, document, author, approved_by, provisional, created_at)
                = (a_item.identifier, a_item.area, a_item.state, a_item.document, a_item.author, a_item.approved_by,
                a_item.provisional, a_item.created_at)
                WHERE tenant_id = p_tenant AND item_id = a_item.item_id;
        ELSE
            INSERT INTO item SELECT * FROM jsonb_populate_record(NULL::item, given);
        END IF;
    WHEN 'staff' THEN
        SELECT * INTO a_staff FROM staff WHERE tenant_id = p_tenant AND staff_id = (given ->> 'staff_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_staff := jsonb_populate_record(a_staff, given);
            UPDATE staff SET (email, name, password_hash, roles, disabled, created_at)
                = (a_staff.email, a_staff.name, a_staff.password_hash, a_staff.roles, a_staff.disabled, a_staff.created_at)
                WHERE tenant_id = p_tenant AND staff_id = a_staff.staff_id;
        ELSE
            INSERT INTO staff SELECT * FROM jsonb_populate_record(NULL::staff, jsonb_build_object('disabled', false) || given);
        END IF;
    WHEN 'login' THEN
        SELECT * INTO a_login FROM login WHERE tenant_id = p_tenant AND token_hash = (given ->> 'token_hash')::bytea FOR UPDATE;
        IF FOUND THEN
            a_login := jsonb_populate_record(a_login, given);
            UPDATE login SET (kind, staff_id, registration_id, created_at, expires_at, ended_at)
                = (a_login.kind, a_login.staff_id, a_login.registration_id, a_login.created_at, a_login.expires_at,
                a_login.ended_at)
                WHERE tenant_id = p_tenant AND token_hash = a_login.token_hash;
        ELSE
            INSERT INTO login SELECT * FROM jsonb_populate_record(NULL::login, given);
        END IF;
    WHEN 'person' THEN
        SELECT * INTO a_person FROM person WHERE tenant_id = p_tenant AND person_id = (given ->> 'person_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_person := jsonb_populate_record(a_person, given);
            UPDATE person SET (sealed_profile, created_at, erased_at)
                = (a_person.sealed_profile, a_person.created_at, a_person.erased_at)
                WHERE tenant_id = p_tenant AND person_id = a_person.person_id;
        ELSE
            INSERT INTO person SELECT * FROM jsonb_populate_record(NULL::person, given);
        END IF;
    WHEN 'registration' THEN
        SELECT * INTO a_registration FROM registration WHERE tenant_id = p_tenant AND registration_id = (given ->> 'registration_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_registration := jsonb_populate_record(a_registration, given);
            UPDATE registration SET (person_id, exam_id, state, token_hash, extra_minutes, camera_agreed, rules_accepted, rules_accepted_at,
                invited_by, created_at, expires_at)
                = (a_registration.person_id, a_registration.exam_id, a_registration.state, a_registration.token_hash,
                a_registration.extra_minutes, a_registration.camera_agreed, a_registration.rules_accepted,
                a_registration.rules_accepted_at, a_registration.invited_by, a_registration.created_at,
                a_registration.expires_at)
                WHERE tenant_id = p_tenant AND registration_id = a_registration.registration_id;
        ELSE
            INSERT INTO registration SELECT * FROM jsonb_populate_record(NULL::registration, jsonb_build_object('extra_minutes', 0) || given);
        END IF;
    WHEN 'sitting' THEN
        SELECT * INTO a_sitting FROM sitting WHERE tenant_id = p_tenant AND sitting_id = (given ->> 'sitting_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_sitting := jsonb_populate_record(a_sitting, given);
            UPDATE sitting SET (registration_id, person_id, exam_id, exam_version, programme, proctoring_policy, credential_policy,
                run_state, paused_by, version, attachment, items_answered, opened_at, started_at, closes_at, ended_at,
                last_seen_at, score_state, passed, validity)
                = (a_sitting.registration_id, a_sitting.person_id, a_sitting.exam_id, a_sitting.exam_version,
                a_sitting.programme, a_sitting.proctoring_policy, a_sitting.credential_policy, a_sitting.run_state,
                a_sitting.paused_by, a_sitting.version, a_sitting.attachment, a_sitting.items_answered,
                a_sitting.opened_at, a_sitting.started_at, a_sitting.closes_at, a_sitting.ended_at,
                a_sitting.last_seen_at, a_sitting.score_state, a_sitting.passed, a_sitting.validity)
                WHERE tenant_id = p_tenant AND sitting_id = a_sitting.sitting_id;
        ELSE
            INSERT INTO sitting SELECT * FROM jsonb_populate_record(NULL::sitting, jsonb_build_object('attachment', 0, 'items_answered', 0, 'score_state', 'none', 'validity', 'unreviewed') || given);
        END IF;
    WHEN 'incident' THEN
        SELECT * INTO a_incident FROM incident WHERE tenant_id = p_tenant AND incident_id = (given ->> 'incident_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_incident := jsonb_populate_record(a_incident, given);
            UPDATE incident SET (sitting_id, type, severity, state, started_at, ended_at, client_claimed, confidence, facts, evidence,
                decided_by, decided_at, reason)
                = (a_incident.sitting_id, a_incident.type, a_incident.severity, a_incident.state, a_incident.started_at,
                a_incident.ended_at, a_incident.client_claimed, a_incident.confidence, a_incident.facts,
                a_incident.evidence, a_incident.decided_by, a_incident.decided_at, a_incident.reason)
                WHERE tenant_id = p_tenant AND incident_id = a_incident.incident_id;
        ELSE
            INSERT INTO incident SELECT * FROM jsonb_populate_record(NULL::incident, jsonb_build_object('evidence', '[]'::jsonb) || given);
        END IF;
    WHEN 'evidence' THEN
        INSERT INTO evidence SELECT * FROM jsonb_populate_record(NULL::evidence, given) ON CONFLICT (tenant_id, sha256) DO NOTHING;
    WHEN 'certification_decision' THEN
        SELECT * INTO a_certification_decision FROM certification_decision WHERE tenant_id = p_tenant AND decision_id = (given ->> 'decision_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_certification_decision := jsonb_populate_record(a_certification_decision, given);
            UPDATE certification_decision SET (sitting_id, person_id, programme, scope, state, basis, decided_by, reason, created_at, decided_at)
                = (a_certification_decision.sitting_id, a_certification_decision.person_id,
                a_certification_decision.programme, a_certification_decision.scope, a_certification_decision.state,
                a_certification_decision.basis, a_certification_decision.decided_by, a_certification_decision.reason,
                a_certification_decision.created_at, a_certification_decision.decided_at)
                WHERE tenant_id = p_tenant AND decision_id = a_certification_decision.decision_id;
        ELSE
            INSERT INTO certification_decision SELECT * FROM jsonb_populate_record(NULL::certification_decision, given);
        END IF;
    WHEN 'issuer_key' THEN
        SELECT * INTO a_issuer_key FROM issuer_key WHERE tenant_id = p_tenant AND key_id = given ->> 'key_id' FOR UPDATE;
        IF FOUND THEN
            a_issuer_key := jsonb_populate_record(a_issuer_key, given);
            UPDATE issuer_key SET (purpose, sealed_seed, created_at, expires_at, revoked_at)
                = (a_issuer_key.purpose, a_issuer_key.sealed_seed, a_issuer_key.created_at, a_issuer_key.expires_at,
                a_issuer_key.revoked_at)
                WHERE tenant_id = p_tenant AND key_id = a_issuer_key.key_id;
        ELSE
            INSERT INTO issuer_key SELECT * FROM jsonb_populate_record(NULL::issuer_key, given);
        END IF;
    WHEN 'certificate' THEN
        SELECT * INTO a_certificate FROM certificate WHERE tenant_id = p_tenant AND certificate_id = (given ->> 'certificate_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_certificate := jsonb_populate_record(a_certificate, given);
            UPDATE certificate SET (number, person_id, sitting_id, decision_id, state, status_list, status_index, valid_from, valid_until,
                grace_until, renewal_opens_at, credential_sha256, sealed_credential, visibility, superseded_by,
                ended_at, ended_reason, created_at)
                = (a_certificate.number, a_certificate.person_id, a_certificate.sitting_id, a_certificate.decision_id,
                a_certificate.state, a_certificate.status_list, a_certificate.status_index, a_certificate.valid_from,
                a_certificate.valid_until, a_certificate.grace_until, a_certificate.renewal_opens_at,
                a_certificate.credential_sha256, a_certificate.sealed_credential, a_certificate.visibility,
                a_certificate.superseded_by, a_certificate.ended_at, a_certificate.ended_reason, a_certificate.created_at)
                WHERE tenant_id = p_tenant AND certificate_id = a_certificate.certificate_id;
        ELSE
            INSERT INTO certificate SELECT * FROM jsonb_populate_record(NULL::certificate, jsonb_build_object('visibility', 'link') || given);
        END IF;
    WHEN 'outbox' THEN
        SELECT * INTO a_outbox FROM outbox WHERE tenant_id = p_tenant AND outbox_id = (given ->> 'outbox_id')::uuid FOR UPDATE;
        IF FOUND THEN
            a_outbox := jsonb_populate_record(a_outbox, given);
            UPDATE outbox SET (event, recipient, message_id, template, sealed_arguments, state, attempts, next_at, last_error, sent_at,
                created_at)
                = (a_outbox.event, a_outbox.recipient, a_outbox.message_id, a_outbox.template, a_outbox.sealed_arguments,
                a_outbox.state, a_outbox.attempts, a_outbox.next_at, a_outbox.last_error, a_outbox.sent_at,
                a_outbox.created_at)
                WHERE tenant_id = p_tenant AND outbox_id = a_outbox.outbox_id;
        ELSE
            INSERT INTO outbox SELECT * FROM jsonb_populate_record(NULL::outbox, jsonb_build_object('attempts', 0) || given);
        END IF;
    ELSE
        RAISE EXCEPTION 'no read model is called %', p_kind USING ERRCODE = 'invalid_parameter_value';
    END CASE;
END $$;
