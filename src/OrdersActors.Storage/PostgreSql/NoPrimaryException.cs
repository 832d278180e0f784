using Npgsql;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// None of the hosts is a usable primary. The message is one line that names each host and its state.
/// </summary>
internal sealed class NoPrimaryException(string message) : NpgsqlException(message);
