using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>Makes parameters without boxing their values.</summary>
internal static class PostgresParameter
{
    public static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
