-- Why:  the one way to write. A batch of appends of one tenant is one transaction and one round trip; each append is judged by itself, so
--       that a stale sitting never fails its neighbours. A function of (tenant, arrays) is also what Citus can run on a shard.
-- Locks: the tenant's head row, until commit. Writers of one tenant queue there (nodes, threads); tenants don't meet.

-- Read-model rows: later migrations replace this with static upserts by kind.
CREATE FUNCTION apply_row(p_kind text, p_row jsonb) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER AS $$
BEGIN
    RAISE EXCEPTION 'no read model takes rows of kind %', p_kind USING ERRCODE = 'invalid_parameter_value';
END $$;

-- Per append i: p_stream[i], p_expected[i], p_key[i] ('' for none), p_request[i], p_answer[i], and how many of the flat arrays below are its own:
-- p_entries[i] of p_entry/p_leaf/p_person/p_detail, p_rows[i] of p_row_kind/p_row.
CREATE FUNCTION append_batch(
    p_tenant uuid, p_stream uuid[], p_expected bigint[], p_key text[], p_request bytea[], p_answer text[],
    p_entries bigint[], p_entry bytea[], p_leaf bytea[], p_person uuid[], p_detail bytea[],
    p_rows bigint[], p_row_kind text[], p_row text[])
RETURNS TABLE (verdict text, out_first_index bigint, out_version bigint, out_answer text)
LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
    v_next     bigint;
    v_version  bigint;
    v_known    record;
    v_entry    bigint := 0;   -- flat positions before the current append
    v_row      bigint := 0;
    v_last     bigint;
BEGIN
    PERFORM set_config('assay.tenant', p_tenant::text, true);

    -- Statements after this lock see what its last holder committed (READ COMMITTED, volatile function: a snapshot each).
    SELECT h.next_index INTO v_next FROM journal_head h WHERE h.tenant_id = p_tenant FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO journal_head (tenant_id, next_index) VALUES (p_tenant, 0) ON CONFLICT (tenant_id) DO NOTHING;
        SELECT h.next_index INTO STRICT v_next FROM journal_head h WHERE h.tenant_id = p_tenant FOR UPDATE;
    END IF;

    FOR i IN 1 .. cardinality(p_stream) LOOP
        v_last := v_entry + p_entries[i];
        verdict := NULL;

        IF p_key[i] <> '' THEN
            SELECT m.request_hash, m.first_index, m.version, m.answer INTO v_known
              FROM idempotency m WHERE m.tenant_id = p_tenant AND m.key = p_key[i];
            IF FOUND THEN
                out_first_index := v_known.first_index;
                out_version := v_known.version;
                IF v_known.request_hash = p_request[i] THEN
                    verdict := 'repeated';
                    out_answer := v_known.answer;
                ELSE
                    verdict := 'conflicting';
                    out_answer := NULL;
                END IF;
            END IF;
        END IF;

        IF verdict IS NULL THEN
            SELECT coalesce(max(s.sequence), 0) INTO v_version FROM stream_entry s WHERE s.tenant_id = p_tenant AND s.stream = p_stream[i];
            IF v_version <> p_expected[i] THEN
                -- The very same entry at its place: our own append, whose answer was lost with the connection. The leaf hash covers a random id.
                SELECT s.journal_index INTO out_first_index
                  FROM stream_entry s JOIN journal_entry e ON e.tenant_id = s.tenant_id AND e.journal_index = s.journal_index
                 WHERE s.tenant_id = p_tenant AND s.stream = p_stream[i] AND s.sequence = p_expected[i] + 1 AND e.leaf_hash = p_leaf[v_entry + 1];
                IF FOUND THEN
                    verdict := 'repeated';
                    out_version := p_expected[i] + p_entries[i];
                    out_answer := p_answer[i];
                ELSE
                    verdict := 'stale';
                    out_version := v_version;
                    out_answer := NULL;
                END IF;
            END IF;
        END IF;

        IF verdict IS NULL THEN
            INSERT INTO journal_entry (tenant_id, journal_index, entry, leaf_hash)
            SELECT p_tenant, v_next + u.n - 1, u.entry, u.leaf
              FROM unnest(p_entry[v_entry + 1 : v_last], p_leaf[v_entry + 1 : v_last]) WITH ORDINALITY AS u (entry, leaf, n);
            INSERT INTO stream_entry (tenant_id, stream, sequence, journal_index)
            SELECT p_tenant, p_stream[i], p_expected[i] + n, v_next + n - 1 FROM generate_series(1, p_entries[i]) AS n;
            INSERT INTO entry_detail (tenant_id, journal_index, person_id, sealed)
            SELECT p_tenant, v_next + u.n - 1, u.person, u.sealed
              FROM unnest(p_person[v_entry + 1 : v_last], p_detail[v_entry + 1 : v_last]) WITH ORDINALITY AS u (person, sealed, n)
             WHERE u.sealed IS NOT NULL;
            FOR r IN v_row + 1 .. v_row + p_rows[i] LOOP
                -- On the right, so that a row can't name another tenant.
                PERFORM apply_row(p_row_kind[r], p_row[r]::jsonb || jsonb_build_object('tenant_id', p_tenant, 'journal_index', v_next));
            END LOOP;

            verdict := 'stored';
            out_first_index := v_next;
            out_version := p_expected[i] + p_entries[i];
            out_answer := p_answer[i];
            IF p_key[i] <> '' THEN
                INSERT INTO idempotency (tenant_id, key, request_hash, first_index, version, answer)
                VALUES (p_tenant, p_key[i], p_request[i], v_next, out_version, p_answer[i]);
            END IF;
            v_next := v_next + p_entries[i];
        END IF;

        v_entry := v_last;
        v_row := v_row + p_rows[i];
        RETURN NEXT;
    END LOOP;

    UPDATE journal_head h SET next_index = v_next WHERE h.tenant_id = p_tenant AND h.next_index <> v_next;
END $$;

REVOKE EXECUTE ON FUNCTION apply_row(text, jsonb) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION append_batch(uuid, uuid[], bigint[], text[], bytea[], text[], bigint[], bytea[], bytea[], uuid[], bytea[],
    bigint[], text[], text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION apply_row(text, jsonb) TO assay_app;
GRANT EXECUTE ON FUNCTION append_batch(uuid, uuid[], bigint[], text[], bytea[], text[], bigint[], bytea[], bytea[], uuid[], bytea[],
    bigint[], text[], text[]) TO assay_app;
