-- 0016_two_streams.sql
-- Why:  some things move two streams at once: a renewal issues one certificate and ends another. Both are stored or neither, so that no crash
--       leaves two in force. The last p_also_entries[i] entries of append i belong to the stream p_also_stream[i] (NULL: none), which must be
--       at version p_also_expected[i]; otherwise the whole append is stale.
-- Plan: expand: nodes that still run call the function by its earlier arguments, which now leads here.   Locks: none.

CREATE FUNCTION append_batch(
    p_tenant uuid, p_stream uuid[], p_expected bigint[], p_key text[], p_request bytea[], p_answer text[],
    p_entries bigint[], p_entry bytea[], p_leaf bytea[], p_person uuid[], p_detail bytea[],
    p_rows bigint[], p_row_kind text[], p_row text[],
    p_also_stream uuid[], p_also_expected bigint[], p_also_entries bigint[])
RETURNS TABLE (verdict text, out_first_index bigint, out_version bigint, out_answer text)
LANGUAGE plpgsql SECURITY INVOKER AS $$
DECLARE
    v_next     bigint;
    v_version  bigint;
    v_known    record;
    v_entry    bigint := 0;   -- flat positions before the current append
    v_row      bigint := 0;
    v_last     bigint;
    v_own      bigint;        -- how many of its entries belong to its first stream
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
        v_own := p_entries[i] - p_also_entries[i];
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
                    out_version := p_expected[i] + v_own;
                    out_answer := p_answer[i];
                ELSE
                    verdict := 'stale';
                    out_version := v_version;
                    out_answer := NULL;
                END IF;
            END IF;
        END IF;

        IF verdict IS NULL AND p_also_stream[i] IS NOT NULL THEN
            SELECT coalesce(max(s.sequence), 0) INTO v_version FROM stream_entry s WHERE s.tenant_id = p_tenant AND s.stream = p_also_stream[i];
            IF v_version <> p_also_expected[i] THEN
                verdict := 'stale';
                out_first_index := NULL;
                out_version := p_expected[i];
                out_answer := NULL;
            END IF;
        END IF;

        IF verdict IS NULL THEN
            INSERT INTO journal_entry (tenant_id, journal_index, entry, leaf_hash)
            SELECT p_tenant, v_next + u.n - 1, u.entry, u.leaf
              FROM unnest(p_entry[v_entry + 1 : v_last], p_leaf[v_entry + 1 : v_last]) WITH ORDINALITY AS u (entry, leaf, n);
            INSERT INTO stream_entry (tenant_id, stream, sequence, journal_index)
            SELECT p_tenant, p_stream[i], p_expected[i] + n, v_next + n - 1 FROM generate_series(1, v_own) AS n;
            IF p_also_stream[i] IS NOT NULL THEN
                INSERT INTO stream_entry (tenant_id, stream, sequence, journal_index)
                SELECT p_tenant, p_also_stream[i], p_also_expected[i] + n, v_next + v_own + n - 1 FROM generate_series(1, p_also_entries[i]) AS n;
            END IF;
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
            out_version := p_expected[i] + v_own;
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

CREATE OR REPLACE FUNCTION append_batch(
    p_tenant uuid, p_stream uuid[], p_expected bigint[], p_key text[], p_request bytea[], p_answer text[],
    p_entries bigint[], p_entry bytea[], p_leaf bytea[], p_person uuid[], p_detail bytea[],
    p_rows bigint[], p_row_kind text[], p_row text[])
RETURNS TABLE (verdict text, out_first_index bigint, out_version bigint, out_answer text)
LANGUAGE sql SECURITY INVOKER AS $$
    SELECT * FROM append_batch(p_tenant, p_stream, p_expected, p_key, p_request, p_answer, p_entries, p_entry, p_leaf, p_person, p_detail,
        p_rows, p_row_kind, p_row, array_fill(NULL::uuid, ARRAY[cardinality(p_stream)]), array_fill(0::bigint, ARRAY[cardinality(p_stream)]),
        array_fill(0::bigint, ARRAY[cardinality(p_stream)]));
$$;

REVOKE EXECUTE ON FUNCTION append_batch(uuid, uuid[], bigint[], text[], bytea[], text[], bigint[], bytea[], bytea[], uuid[], bytea[],
    bigint[], text[], text[], uuid[], bigint[], bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_batch(uuid, uuid[], bigint[], text[], bytea[], text[], bigint[], bytea[], bytea[], uuid[], bytea[],
    bigint[], text[], text[], uuid[], bigint[], bigint[]) TO assay_app;
