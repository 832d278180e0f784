using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// A prepared statement for the append path. Unlike <see cref="SqliteStatement"/>, an execution creates no reader and
/// boxes no value. Belongs to one connection and one thread, and must be disposed before its connection.
/// </summary>
internal sealed class SqliteDirectStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = new byte[512];

    /// <summary>Prepares <paramref name="sql"/>, whose parameters must be named ?1, ?2 …</summary>
    public SqliteDirectStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Sets a parameter, counted from 1.</summary>
    public SqliteDirectStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    /// <summary>Sets a parameter, counted from 1. SQLite copies the text.</summary>
    public SqliteDirectStatement Bind(int parameter, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            // An empty span would be bound as null.
            Check(value is null
                ? raw.sqlite3_bind_null(_statement, parameter)
                : raw.sqlite3_bind_text(_statement, parameter, value));
            return this;
        }

        if (Encoding.UTF8.GetMaxByteCount(value.Length) > _text.Length)
        {
            _text = new byte[Encoding.UTF8.GetMaxByteCount(value.Length)];
        }

        var length = Encoding.UTF8.GetBytes(value, _text);
        Check(raw.sqlite3_bind_text(_statement, parameter, _text.AsSpan(0, length)));
        return this;
    }

    /// <summary>Executes a statement that returns no rows. Returns the number of changed rows.</summary>
    public int Execute()
    {
        Step();
        Reset();
        return raw.sqlite3_changes(_database);
    }

    /// <summary>
    /// Executes a query that returns at most one row of numbers. Returns null if there is no row or its first value is
    /// null. A second value that is missing or null is 0.
    /// </summary>
    public (long First, long Second)? Find()
    {
        (long, long)? found = Step() && raw.sqlite3_column_type(_statement, 0) != raw.SQLITE_NULL
            ? (raw.sqlite3_column_int64(_statement, 0), raw.sqlite3_column_int64(_statement, 1))
            : null;
        Reset();
        return found;
    }

    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        try
        {
            SqliteException.ThrowExceptionForRC(result, _database);
            return false;
        }
        finally
        {
            Reset();
        }
    }

    // Returns the error of the last step, which has been thrown.
    private void Reset() => raw.sqlite3_reset(_statement);

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
