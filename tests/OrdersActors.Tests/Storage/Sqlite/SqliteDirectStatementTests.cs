using Microsoft.Data.Sqlite;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteDirectStatementTests : IDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");

    public SqliteDirectStatementTests()
    {
        _connection.Open();
        SqliteStatement.Scalar(_connection, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
    }

    public void Dispose() => _connection.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("ö€𝄞\0end")]
    public void Text_is_stored_as_it_is(string? text)
    {
        using var insert = new SqliteDirectStatement(_connection, "INSERT INTO t VALUES (?1, ?2)");
        Assert.Equal(1, insert.Bind(1, long.MaxValue).Bind(2, text).Execute());
        using var read = _connection.CreateCommand();
        read.CommandText = "SELECT id, name FROM t";
        using var rows = read.ExecuteReader();
        Assert.True(rows.Read());
        Assert.Equal((long.MaxValue, text), (rows.GetInt64(0), rows.IsDBNull(1) ? null : rows.GetString(1)));
    }

    [Fact]
    public void Long_and_short_texts_alternate()
    {
        using var insert = new SqliteDirectStatement(_connection, "INSERT INTO t (name) VALUES (?1)");
        foreach (var length in (int[])[1, 100_000, 2, 500, 600_000, 3])
        {
            insert.Bind(1, new string('ä', length)).Execute();
        }

        Assert.Equal(
            "1,100000,2,500,600000,3", SqliteStatement.Scalar(_connection, "SELECT group_concat(length(name)) FROM t"));
    }

    [Fact]
    public void Find_returns_numbers_and_null_if_there_is_none()
    {
        SqliteStatement.Scalar(_connection, "INSERT INTO t VALUES (5, 'five')");
        using var find = new SqliteDirectStatement(_connection, "SELECT id, 2 * id FROM t WHERE name = ?1");
        Assert.Equal((5L, 10L), find.Bind(1, "five").Find());
        Assert.Null(find.Bind(1, "six").Find());
        using var newest = new SqliteDirectStatement(_connection, "SELECT max(id) FROM t WHERE id > ?1");
        Assert.Null(newest.Bind(1, 5).Find());
        Assert.Equal((5L, 0L), newest.Bind(1, 4).Find());
    }

    [Fact]
    public void Failed_execution_is_thrown_and_the_statement_can_be_used_again()
    {
        using var insert = new SqliteDirectStatement(_connection, "INSERT INTO t (id) VALUES (?1)");
        insert.Bind(1, 1).Execute();
        Assert.Equal(19, Assert.Throws<SqliteException>(() => insert.Bind(1, 1).Execute()).SqliteErrorCode);
        Assert.Equal(1, insert.Bind(1, 2).Execute());
    }

    [Fact]
    public void Ignored_conflict_changes_no_row()
    {
        using var insert = new SqliteDirectStatement(
            _connection, "INSERT INTO t (id) VALUES (?1) ON CONFLICT (id) DO NOTHING");
        Assert.Equal(1, insert.Bind(1, 1).Execute());
        Assert.Equal(0, insert.Bind(1, 1).Execute());
    }

    [Fact]
    public void Wrong_statement_is_refused() =>
        Assert.Throws<SqliteException>(() => new SqliteDirectStatement(_connection, "SELECT nothing"));
}
