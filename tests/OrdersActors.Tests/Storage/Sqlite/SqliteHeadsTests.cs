using OrdersActors.Storage.Sqlite;
using static OrdersActors.Tests.Storage.Sqlite.SqliteTestDatabase;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteHeadsTests : IDisposable
{
    private readonly SqliteTestDatabase _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Numbers_are_those_of_the_newest_events()
    {
        _test.Store("shop", Event("a", "1"), Event("b", "2"), Event("a", "3"));
        using var connection = _test.Database.Open();
        using var heads = new SqliteHeads(connection);
        var shop = heads.Begin("shop");
        Assert.Equal((1L, 3L), (shop.Row, shop.Sequence));
        Assert.Equal((1L, 2L), (heads.Order(shop, "a").Row, heads.Order(shop, "a").Version));
        Assert.Equal((null, 0L), (heads.Order(shop, "c").Row, heads.Order(shop, "c").Version));
        Assert.Equal(3, heads.IdOf(heads.Order(shop, "c")));
        var other = heads.Begin("other");
        Assert.Equal((null, 0L, 2L), (other.Row, other.Sequence, heads.IdOf(other)));
    }

    [Fact]
    public void Stored_numbers_count_if_the_newest_events_are_gone()
    {
        _test.Store("shop", Event("a", "1"));
        Execute("DELETE FROM events");
        Execute("UPDATE orders SET version = 7");
        Execute("UPDATE organizations SET sequence = 9");
        using var connection = _test.Database.Open();
        using var heads = new SqliteHeads(connection);
        var shop = heads.Begin("shop");
        Assert.Equal((9L, 7L), (shop.Sequence, heads.Order(shop, "a").Version));
    }

    [Fact]
    public void Stored_sequence_is_at_most_63_behind()
    {
        var appended = 0;
        foreach (var count in (int[])[1, 62, 1, 5, 1, 200, 63, 64, 65, 1])
        {
            _test.Store("shop", [.. Enumerable.Range(0, count).Select(_ => Event("a", $"{++appended}"))]);
            Assert.InRange((long)_test.Scalar("SELECT sequence FROM organizations")!, appended - 63, appended);
        }
    }

    [Fact]
    public void More_orders_than_are_cached_keep_their_numbers()
    {
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 25; i++)
            {
                _test.Store("shop", [.. Enumerable.Range(0, 1000).Select(j => Event($"{i}-{j}", $"{round}-{i}-{j}"))]);
            }
        }

        Assert.Equal(25_000L, _test.Scalar("SELECT count(*) FROM orders"));
        Assert.Equal(
            25_000L,
            _test.Scalar("SELECT count(*) FROM (SELECT 1 FROM events GROUP BY order_ref HAVING count(*) = 2)"));
        var next = _test.Store("shop", Event("0-0", "n"))[0];
        Assert.Equal((50_001L, 3L), (next.Sequence, next.Version));
    }

    private void Execute(string sql) => _test.Scalar(sql);
}
