using OrdersActors.Storage.EventLog;
using OrdersActors.Storage.PostgreSql;
using OrdersActors.Storage.Sqlite;

namespace OrdersActors.Tests.Storage.EventLog;

public sealed class EventRowTests
{
    private static readonly DateTimeOffset Time =
        new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2)).AddTicks(1234567);

    [Fact]
    public void Stored_time_is_UTC_in_whole_microseconds_in_both_databases()
    {
        var stored = EventRow.ToStoredTime(Time);
        Assert.Equal(new DateTimeOffset(2026, 3, 4, 3, 6, 7, TimeSpan.Zero).AddTicks(1234560), stored);
        Assert.Equal(TimeSpan.Zero, stored.Offset);
        Assert.Equal(stored, PostgresEventRow.ToStored(Time));
        Assert.Equal(stored, SqliteEventRow.FromMicroseconds(SqliteEventRow.ToMicroseconds(Time)));
    }

    [Fact]
    public void Numbered_event_has_the_content_and_the_stored_time()
    {
        var e = EventRow.Numbered(
            new OrderStatusEvent { OrderId = "o", Id = "e", Status = "s", Details = "{}", OccurredAt = Time },
            "shop", 5, 2, "epoch");
        Assert.Equal(("shop", "o", 5L, 2L), (e.OrganizationId, e.OrderId, e.Sequence, e.Version));
        Assert.Equal(("e", "s", "{}", "epoch"), (e.Id, e.Status, e.Details, e.Epoch));
        Assert.Equal(EventRow.ToStoredTime(Time), e.OccurredAt);
    }
}
