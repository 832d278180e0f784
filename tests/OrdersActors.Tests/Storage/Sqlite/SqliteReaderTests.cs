using OrdersActors.Storage;
using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.Sqlite;
using static OrdersActors.Tests.Storage.Sqlite.SqliteTestDatabase;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteReaderTests : IDisposable
{
    private readonly SqliteTestDatabase _test = new();
    private readonly SqliteReader _reader;

    public SqliteReaderTests() => _reader = new SqliteReader(_test.Database.Open());

    public void Dispose()
    {
        _reader.Dispose();
        _test.Dispose();
    }

    [Fact]
    public void Every_read_returns_the_stored_events_with_the_given_epoch()
    {
        var stored = _test.Store("shop", Event("a", "1"), Event("b", "2"), Event("a", "3"))
            .Select(e => e with { Epoch = "captured" }).ToArray();
        Assert.Equal(stored, _reader.Organization("captured", "shop", 0, 10));
        Assert.Equal([stored[0], stored[2]], _reader.Order("captured", "shop", "a", 0, 10));
        var partition = OrganizationPartition.Of("shop", 4);
        Assert.Equal(
            stored.Select((e, i) => new PartitionEntry(i + 1, e)), _reader.Partition("captured", partition, 0, 10));
        Assert.Equal(stored[1], _reader.Find("captured", "shop", "2"));
    }

    [Fact]
    public void Reads_begin_after_the_given_number_and_respect_the_limit()
    {
        _test.Store("shop", [.. Enumerable.Range(1, 5).Select(i => Event("a", $"{i}"))]);
        Assert.Equal(Numbers(3, 4), _reader.Organization("e", "shop", 2, 2).Select(e => e.Sequence));
        Assert.Equal(Numbers(3, 4), _reader.Order("e", "shop", "a", 2, 2).Select(e => e.Version));
        Assert.Equal(
            Numbers(3, 4),
            _reader.Partition("e", OrganizationPartition.Of("shop", 4), 2, 2).Select(entry => entry.Position));
    }

    [Fact]
    public void Page_ends_after_a_megabyte_of_details()
    {
        var details = $$"""{"x":"{{new string('x', 60_000)}}"}""";
        _test.Store("shop", [.. Enumerable.Range(1, 30).Select(i => Event("a", $"{i}") with { Details = details })]);
        Assert.Equal(18, _reader.Organization("e", "shop", 0, 1000).Count);
    }

    [Fact]
    public void Unknown_names_have_no_events_and_an_empty_range()
    {
        _test.Store("shop", Event("a", "1"));
        Assert.Empty(_reader.Organization("e", "nobody", 0, 10));
        Assert.Empty(_reader.Order("e", "nobody", "a", 0, 10));
        Assert.Null(_reader.Find("e", "nobody", "1"));
        Assert.Null(_reader.OrderHead("shop", "b"));
        Assert.Equal(new OrderHead(1, 1), _reader.OrderHead("shop", "a"));
        Assert.Equal(new OrganizationHead(0, 1), _reader.OrganizationHead("nobody"));
        Assert.Equal(new OrganizationHead(1, 1), _reader.OrganizationHead("shop"));
    }

    [Fact]
    public void Checkpoint_comes_with_the_newest_position_of_the_log()
    {
        var partition = OrganizationPartition.Of("shop", 4);
        Assert.Equal((0L, 0L), _reader.Checkpoint(partition));
        _test.Deliver("shop", "a", "a");
        _test.Store("shop", Event("a", "3"));
        Assert.Equal((2L, 3L), _reader.Checkpoint(partition));
        Assert.Equal(3, _reader.Newest(partition));
    }
}
