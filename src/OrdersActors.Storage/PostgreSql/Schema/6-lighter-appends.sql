-- An expand step: servers of previous versions run beside it, and can start on it. See PostgresSchema.
-- The same function with fewer statements, index lookups and WAL records. Servers of all versions call it.
CREATE OR REPLACE FUNCTION append_events(
    in_partition integer,
    organization_names text[], organization_counts integer[],
    order_names text[], order_organizations integer[], order_counts integer[],
    event_orders integer[],
    event_sequences integer[], -- the event's 1-based ordinal among the events of its organization in this group
    event_versions integer[], -- the event's 1-based ordinal among the events of its order in this group
    event_ids text[], event_statuses text[], event_times timestamptz[], event_details text[],
    OUT newest bigint, -- the position of the last event; null if none was stored
    OUT sequences bigint[], -- each organization's sequence before
    OUT versions bigint[], -- each order's version before; null if none was stored
    OUT foreign_orders bigint[], -- always null
    OUT repeated_events bigint[]) -- events whose id is stored already, or null
LANGUAGE plpgsql AS $$
DECLARE
    before bigint; -- the position of the last event before the group
    organization_ids bigint[];
    order_ids bigint[];
BEGIN
    -- 1. Appends of a partition run one after another: the update waits for the transaction before. Each statement below
    -- sees everything that those before committed.
    UPDATE partitions p SET position = p.position + cardinality(event_ids)
    WHERE p.partition = in_partition RETURNING p.position, p.position - cardinality(event_ids) INTO STRICT newest, before;

    -- 2. The organizations. Rows that do not exist yet get their number here.
    SELECT array_agg(coalesce(g.id, nextval('organizations_id_seq')) ORDER BY n), array_agg(coalesce(g.sequence, 0) ORDER BY n)
    INTO organization_ids, sequences
    FROM unnest(organization_names) WITH ORDINALITY given (name, n) LEFT JOIN organizations g ON g.name = given.name;

    -- 3. Ids that are stored already. Nothing but the position has changed yet.
    SELECT array_agg(n) INTO repeated_events
    FROM unnest(event_ids, event_orders) WITH ORDINALITY given (id, of, n)
    JOIN events e ON e.event_id || ' ' || e.organization::text
        = given.id || ' ' || organization_ids[order_organizations[of]]::text;

    IF repeated_events IS NOT NULL THEN
        UPDATE partitions p SET position = before WHERE p.partition = in_partition;
        newest := NULL;
        RETURN;
    END IF;

    INSERT INTO organizations AS g (id, name, partition, sequence)
    SELECT id, name, in_partition, count
    FROM unnest(organization_ids, organization_names, organization_counts) given (id, name, count)
    WHERE count > 0
    ON CONFLICT (id) DO UPDATE SET sequence = g.sequence + excluded.sequence;

    -- 4. The orders. Usually all exist, and one statement finds and counts them.
    WITH changed AS (
        UPDATE orders o SET version = o.version + given.count
        FROM unnest(order_names, order_organizations, order_counts) WITH ORDINALITY given (name, of, count, n)
        WHERE o.name = given.name AND o.organization = organization_ids[given.of]
        RETURNING given.n, o.id, o.version - given.count AS version)
    SELECT array_agg(c.id ORDER BY c.n), array_agg(c.version ORDER BY c.n) INTO order_ids, versions FROM changed c;

    IF order_ids IS NULL OR cardinality(order_ids) < cardinality(order_names) THEN
        INSERT INTO orders (name, organization, version)
        SELECT given.name, organization_ids[given.of], given.count
        FROM unnest(order_names, order_organizations, order_counts) given (name, of, count)
        WHERE NOT EXISTS (
            SELECT FROM orders o WHERE o.name = given.name AND o.organization = organization_ids[given.of]);

        SELECT array_agg(o.id ORDER BY n), array_agg(o.version - given.count ORDER BY n) INTO order_ids, versions
        FROM unnest(order_names, order_organizations, order_counts) WITH ORDINALITY given (name, of, count, n)
        JOIN orders o ON o.name = given.name AND o.organization = organization_ids[given.of];
    END IF;

    -- 5. The events.
    INSERT INTO events (
        partition, position, organization, sequence, order_ref, version, occurred_at, event_id, status, details)
    SELECT in_partition, before + n,
        organization_ids[order_organizations[of]], sequences[order_organizations[of]] + given.sequence,
        order_ids[of], versions[of] + given.version, at, id, status, details
    FROM unnest(event_orders, event_sequences, event_versions, event_times, event_ids, event_statuses, event_details)
        WITH ORDINALITY given (of, sequence, version, at, id, status, details, n);
END
$$;
