-- An expand step: servers of the previous version run beside it, and can start on it. See PostgresSchema.
-- Runs after the unique index orders_name_organization on orders (name, organization), which is built without blocking
-- appends.

-- Order ids are scoped to their organization. The index begins with the name, so that it also serves the lookups of the
-- previous version, which knows only the name.
ALTER TABLE orders DROP CONSTRAINT orders_name;

-- The epoch of the log: one row. Numbers are comparable within one epoch only.
CREATE TABLE log_epoch (
    epoch text COLLATE "C" NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now());
CREATE UNIQUE INDEX log_epoch_one_row ON log_epoch ((true));

-- Ends an epoch, unless it has already ended: of many callers, the first one wins. Checkpoints that are ahead of the
-- log move back to its end, because the events between them no longer exist and other events will get their positions.
CREATE FUNCTION begin_epoch(ended text, next text, OUT current_epoch text) LANGUAGE plpgsql AS $$
BEGIN
    SELECT l.epoch INTO STRICT current_epoch FROM log_epoch l FOR UPDATE;
    IF current_epoch <> ended THEN
        RETURN;
    END IF;

    UPDATE checkpoints c SET position = p.position
    FROM partitions p WHERE p.partition = c.partition AND c.position > p.position;
    UPDATE log_epoch l SET epoch = next, began_at = now();
    current_epoch := next;
END
$$;

-- The database's clock, in milliseconds since 1970, UTC. Retention uses it, and never the clock of a server.
CREATE FUNCTION log_now() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

-- The same function as before, for servers of both versions. An order is looked up by its name and its organization, so
-- no order is foreign. A repeated id is reported as before; the caller decides whether it is the same event.
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
    OUT versions bigint[], -- each order's version before
    OUT foreign_orders bigint[], -- always null
    OUT repeated_events bigint[]) -- events whose id is stored already, or null
LANGUAGE plpgsql AS $$
DECLARE
    organization_ids bigint[];
    order_ids bigint[];
BEGIN
    -- 1. Appends of a partition run one after another. Each statement below sees everything that those before
    -- committed.
    SELECT p.position INTO STRICT newest FROM partitions p WHERE p.partition = in_partition FOR UPDATE;

    -- 2. The rows that exist. Rows that do not exist yet get their number here.
    SELECT array_agg(coalesce(g.id, nextval('organizations_id_seq')) ORDER BY n), array_agg(coalesce(g.sequence, 0) ORDER BY n)
    INTO organization_ids, sequences
    FROM unnest(organization_names) WITH ORDINALITY given (name, n) LEFT JOIN organizations g ON g.name = given.name;

    SELECT array_agg(coalesce(o.id, nextval('orders_id_seq')) ORDER BY n), array_agg(coalesce(o.version, 0) ORDER BY n)
    INTO order_ids, versions
    FROM unnest(order_names, order_organizations) WITH ORDINALITY given (name, of, n)
    LEFT JOIN orders o ON o.name = given.name AND o.organization = organization_ids[of];

    -- 3. Ids that are stored already.
    SELECT array_agg(n) INTO repeated_events
    FROM unnest(event_ids, event_orders) WITH ORDINALITY given (id, of, n)
    JOIN events e ON e.event_id || ' ' || e.organization::text
        = given.id || ' ' || organization_ids[order_organizations[of]]::text;

    IF repeated_events IS NOT NULL THEN
        newest := NULL;
        RETURN;
    END IF;

    -- 4. Their new numbers.
    INSERT INTO organizations AS g (id, name, partition, sequence)
    SELECT id, name, in_partition, count
    FROM unnest(organization_ids, organization_names, organization_counts) given (id, name, count)
    WHERE count > 0
    ON CONFLICT (id) DO UPDATE SET sequence = g.sequence + excluded.sequence;

    INSERT INTO orders AS o (id, name, organization, version)
    SELECT id, name, organization_ids[of], count
    FROM unnest(order_ids, order_names, order_organizations, order_counts) given (id, name, of, count)
    WHERE count > 0
    ON CONFLICT (id) DO UPDATE SET version = o.version + excluded.version;

    -- 5. The events.
    INSERT INTO events (
        partition, position, organization, sequence, order_ref, version, occurred_at, event_id, status, details)
    SELECT in_partition, newest + n,
        organization_ids[order_organizations[of]], sequences[order_organizations[of]] + given.sequence,
        order_ids[of], versions[of] + given.version, at, id, status, details
    FROM unnest(event_orders, event_sequences, event_versions, event_times, event_ids, event_statuses, event_details)
        WITH ORDINALITY given (of, sequence, version, at, id, status, details, n);

    newest := newest + cardinality(event_ids);
    UPDATE partitions p SET position = newest WHERE p.partition = in_partition;
END
$$;
