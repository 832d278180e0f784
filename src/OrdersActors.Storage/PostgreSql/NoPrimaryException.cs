using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>None of the hosts is a primary that can be used. The message is one line that names each host and what it is.</summary>
internal sealed class NoPrimaryException(string message) : NpgsqlException(message);
