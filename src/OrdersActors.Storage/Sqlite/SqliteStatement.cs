using Microsoft.Data.Sqlite;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// A prepared command whose parameters are set by index. Belongs to one connection and is used by one caller at a time.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    /// <summary>Prepares <paramref name="sql"/>, whose parameters must be named $0, $1 …</summary>
    public SqliteStatement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        // Every caller passes a constant.
#pragma warning disable CA2100
        _command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < parameters; i++)
        {
            _command.Parameters.Add(new SqliteParameter($"${i}", null));
        }

        _command.Prepare();
    }

    /// <summary>Runs a statement without parameters once, and returns its first value.</summary>
    public static object? Scalar(SqliteConnection connection, string sql)
    {
        using var statement = new SqliteStatement(connection, sql, 0);
        return statement.Scalar();
    }

    public object? this[int parameter]
    {
        set => _command.Parameters[parameter].Value = value ?? DBNull.Value;
    }

    public int Execute() => _command.ExecuteNonQuery();

    public SqliteDataReader Read() => _command.ExecuteReader();

    public object? Scalar() => _command.ExecuteScalar();

    public void Dispose() => _command.Dispose();
}
