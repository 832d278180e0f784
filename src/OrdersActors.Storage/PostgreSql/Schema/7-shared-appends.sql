-- An expand step: servers of previous versions run beside it and call append_events.
-- Appends events of several partitions in one transaction. A transaction and its statements cost as much as about 25
-- events, so the partitions of a server share them.
CREATE OR REPLACE FUNCTION append_group(
    partition_numbers integer[], partition_counts integer[],
    organization_names text[], organization_partitions integer[], organization_counts integer[],
    order_names text[], order_organizations integer[], order_counts integer[],
    event_orders integer[],
    event_positions integer[], -- the event's 1-based ordinal among the events of its partition in this group
    event_sequences integer[], -- the event's 1-based ordinal among the events of its organization in this group
    event_versions integer[], -- the event's 1-based ordinal among the events of its order in this group
    event_ids text[], event_statuses text[], event_times timestamptz[], event_details text[],
    OUT positions bigint[], -- each partition's position before; null if none was stored
    OUT sequences bigint[], -- each organization's sequence before
    OUT versions bigint[], -- each order's version before
    OUT busy_partitions integer[], -- partitions to which another transaction appends, or null
    OUT repeated_events bigint[]) -- events whose id is stored already, or null
LANGUAGE plpgsql AS $$
DECLARE
    locked integer[]; -- the partitions to which no other transaction appends
    organization_ids bigint[];
    order_ids bigint[];
BEGIN
    -- 1. Appends of a partition run one after another. A single partition waits for the transaction before. Several do
    -- not wait, because each would hold up the others. Each statement below sees everything that was committed before.
    IF cardinality(partition_numbers) = 1 THEN
        UPDATE partitions p SET position = p.position + partition_counts[1]
        WHERE p.partition = partition_numbers[1]
        RETURNING ARRAY[p.position - partition_counts[1]] INTO STRICT positions;
    ELSE
        WITH free AS MATERIALIZED (
            SELECT q.partition FROM partitions q WHERE q.partition = ANY (partition_numbers)
            FOR NO KEY UPDATE SKIP LOCKED),
        changed AS (
            UPDATE partitions p SET position = p.position + given.count
            FROM unnest(partition_numbers, partition_counts) WITH ORDINALITY given (partition, count, n)
            JOIN free ON free.partition = given.partition
            WHERE p.partition = given.partition
            RETURNING given.n, p.partition, p.position - given.count AS position)
        SELECT array_agg(c.position ORDER BY c.n), array_agg(c.partition) INTO positions, locked FROM changed c;

        IF locked IS NULL OR cardinality(locked) < cardinality(partition_numbers) THEN
            SELECT array_agg(partition) INTO busy_partitions
            FROM unnest(partition_numbers) given (partition) WHERE partition <> ALL (coalesce(locked, '{}'));
        END IF;
    END IF;

    IF busy_partitions IS NULL THEN
        -- 2. The organizations. Rows that do not exist yet get their number here.
        SELECT array_agg(coalesce(g.id, nextval('organizations_id_seq')) ORDER BY n),
            array_agg(coalesce(g.sequence, 0) ORDER BY n)
        INTO organization_ids, sequences
        FROM unnest(organization_names) WITH ORDINALITY given (name, n)
        LEFT JOIN organizations g ON g.name = given.name;

        -- 3. Ids that are stored already. Nothing but the positions has changed yet.
        SELECT array_agg(n) INTO repeated_events
        FROM unnest(event_ids, event_orders) WITH ORDINALITY given (id, of, n)
        JOIN events e ON e.event_id || ' ' || e.organization::text
            = given.id || ' ' || organization_ids[order_organizations[of]]::text;
    END IF;

    IF busy_partitions IS NOT NULL OR repeated_events IS NOT NULL THEN
        UPDATE partitions p SET position = p.position - given.count
        FROM unnest(partition_numbers, partition_counts) given (partition, count)
        WHERE p.partition = given.partition AND (busy_partitions IS NULL OR p.partition = ANY (locked));
        positions := NULL;
        RETURN;
    END IF;

    INSERT INTO organizations AS g (id, name, partition, sequence)
    SELECT id, name, partition_numbers[of], count
    FROM unnest(organization_ids, organization_names, organization_partitions, organization_counts)
        given (id, name, of, count)
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
    SELECT partition_numbers[organization_partitions[order_organizations[of]]],
        positions[organization_partitions[order_organizations[of]]] + given.position,
        organization_ids[order_organizations[of]], sequences[order_organizations[of]] + given.sequence,
        order_ids[of], versions[of] + given.version, at, id, status, details
    FROM unnest(event_orders, event_positions, event_sequences, event_versions, event_times, event_ids, event_statuses,
        event_details) given (of, position, sequence, version, at, id, status, details);
END
$$;
