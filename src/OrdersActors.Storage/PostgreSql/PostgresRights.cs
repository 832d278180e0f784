using Npgsql;
using static OrdersActors.Storage.PostgreSql.PostgresParameter;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Finds the first right that a server's role lacks, and describes it in words.</summary>
internal static class PostgresRights
{
    // A table that is not listed here is only read. CASE is needed because PostgreSQL may otherwise check the right on
    // a sequence before it checks that the object is one.
    private const string Find = """
        WITH needed (name, rights) AS (VALUES
            ('partitions', 'SELECT,UPDATE'), ('checkpoints', 'SELECT,UPDATE'), ('log_epoch', 'SELECT,UPDATE'),
            ('organizations', 'SELECT,INSERT,UPDATE'), ('orders', 'SELECT,INSERT,UPDATE'),
            ('events', 'SELECT,INSERT,DELETE'),
            ('time_marks', 'SELECT,INSERT,UPDATE,DELETE'), ('api_keys', 'SELECT,INSERT,UPDATE'),
            ('key_ring', 'SELECT,INSERT'),
            ('orleansmembershiptable', 'SELECT,INSERT,UPDATE,DELETE'),
            ('orleansmembershipversiontable', 'SELECT,INSERT,UPDATE,DELETE')),
        missing (place, what) AS (
            SELECT 3, format('%s on the table %s.%s', r, n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN needed ON needed.name = c.relname
                CROSS JOIN unnest(string_to_array(coalesce(needed.rights, 'SELECT'), ',')) r
            WHERE n.nspname = $1 AND CASE WHEN c.relkind IN ('r', 'p') THEN NOT has_table_privilege(c.oid, r) END
            UNION ALL
            SELECT 4, format('USAGE on the sequence %s.%s', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE') END
            UNION ALL
            SELECT 5, format('EXECUTE on the function %s.%s', n.nspname, p.proname)
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = $1 AND NOT has_function_privilege(p.oid, 'EXECUTE')
            UNION ALL
            SELECT 1, format('USAGE on the schema %s', n.nspname)
            FROM pg_namespace n WHERE n.nspname = $1 AND NOT has_schema_privilege(n.oid, 'USAGE')
            UNION ALL
            SELECT 2, format('CREATE on the schema %s, which has no tables yet', n.nspname)
            FROM pg_namespace n
            WHERE n.nspname = $1 AND NOT has_schema_privilege(n.oid, 'CREATE') AND NOT EXISTS (
                SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'schema_version')
            UNION ALL
            SELECT 0, format('CREATE on the database %s, which has no schema %s yet', current_database(), $1)
            WHERE NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = $1)
                AND NOT has_database_privilege(current_database(), 'CREATE'))
        SELECT format('the role %s lacks the right %s', current_user, what) FROM missing ORDER BY place, what LIMIT 1
        """;

    /// <summary>
    /// Returns the first missing right, with the role and the object; null if the role lacks no right.
    /// </summary>
    public static async Task<string?> FindMissingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Find, connection)
        {
            Parameters = { Of(PostgresConnections.Schema) },
        };
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
