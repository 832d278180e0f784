using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Sqlite;
using static OrdersActors.Tests.Storage.Sqlite.SqliteTestDatabase;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqlitePartitionTests : IDisposable
{
    private readonly SqliteTestDatabase _test = new();
    private readonly SqliteReader _reader;

    public SqlitePartitionTests() => _reader = new SqliteReader(_test.Database.Open());

    public void Dispose()
    {
        _reader.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void Every_partition_is_read_in_the_order_of_positions_from_any_position()
    {
        var expected = Enumerable.Range(0, 4).Select(_ => new List<(long Position, string Id)>()).ToArray();
        var position = 0;
        // Partitions with many events, with few, and with none.
        for (var i = 0; i < 60; i++)
        {
            foreach (var organization in i % 20 == 7 ? (string[])["a", "b", "c", "d"] : ["a", "b"])
            {
                var events = Enumerable.Range(0, 13).Select(_ => Event("o", $"{++position}")).ToArray();
                _test.Store(organization, events);
                expected[OrganizationPartition.Of(organization, 4)].AddRange(
                    events.Select((e, j) => ((long)(position - 12 + j), e.Id)));
            }
        }

        Assert.Contains(expected, events => events.Count is > 0 and < 200);
        for (var partition = 0; partition < 4; partition++)
        {
            Assert.Equal(expected[partition].LastOrDefault().Position, _reader.Newest(partition));
            foreach (var after in (long[])[0, 1, 12, 255, 256, 257, 511, 512, 700, position - 1, position, 99999])
            {
                Assert.Equal(
                    expected[partition].Where(e => e.Position > after).Take(100),
                    _reader.Partition("e", partition, after, 100).Select(entry => (entry.Position, entry.Event.Id)));
            }
        }
    }

    [Fact]
    public void Span_names_the_partitions_that_have_events_in_it()
    {
        _test.Store("a", [.. Enumerable.Range(1, 300).Select(i => Event("o", $"{i}"))]);
        _test.Store("b", Event("o", "1"));
        var (a, b) = (1L << OrganizationPartition.Of("a", 4), 1L << OrganizationPartition.Of("b", 4));
        Assert.Equal(
            $"0 {a}, 1 {a | b}",
            _test.Scalar("SELECT group_concat(format('%d %d', span, partitions), ', ') FROM partition_spans"));
    }

    [Fact]
    public void Highest_partition_fits_into_a_span()
    {
        using var connection = _test.Database.Open();
        Assert.Equal(
            63L, SqliteStatement.Scalar(connection, "SELECT 63 WHERE (SELECT sum(1 << 63)) & (1 << 63) AND 1 << 63"));
        Assert.Equal(
            long.MinValue + 3,
            SqliteStatement.Scalar(connection, "SELECT sum(1 << column1) FROM (VALUES (63), (0), (1))"));
    }

    [Theory]
    [InlineData("ORDER BY s.span, e.position")]
    [InlineData("ORDER BY s.span DESC, e.position DESC")]
    public void Read_searches_the_spans_and_then_the_positions_without_sorting(string order)
    {
        using var connection = _test.Database.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"EXPLAIN QUERY PLAN SELECT e.position FROM {SqlitePartition.From("$0", "$1 + 1")} {order}";
        command.Parameters.AddWithValue("$0", 1);
        command.Parameters.AddWithValue("$1", 1);
        using var rows = command.ExecuteReader();
        var plan = new List<string>();
        while (rows.Read())
        {
            plan.Add(rows.GetString(3));
        }

        Assert.Equal(
            [
                "SEARCH s USING INTEGER PRIMARY KEY (rowid>?)",
                "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
            ],
            plan);
    }
}
