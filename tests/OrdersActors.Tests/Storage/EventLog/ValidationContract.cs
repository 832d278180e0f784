namespace OrdersActors.Tests.Storage.EventLog;

/// <summary>Events that break a rule are not stored.</summary>
public abstract class ValidationContract(EventLogHarness harness) : EventLogContract(harness)
{
    [Theory]
    [InlineData("", "s", "e", null, "order_id")]
    [InlineData("o", "", "e", null, "status")]
    [InlineData("o", "s", "", null, "id")]
    [InlineData("o", "s", "e", "[]", "details")]
    [InlineData("o", "s", "e", "{", "details")]
    [InlineData("o\n", "s", "e", null, "order_id")]
    public async Task Invalid_field_is_named_and_nothing_is_stored(
        string order, string status, string id, string? details, string field)
    {
        var bad = new OrderStatusEvent { OrderId = order, Status = status, Id = id, Details = details };
        var e = await Assert.ThrowsAsync<InvalidOrderEventException>(() =>
            Log.AppendAsync("shop", [Event("good", "e-0", "s"), bad], Cancelled));
        Assert.Equal(field, e.Field);
        Assert.Equal(0, (await Log.GetOrganizationHeadAsync("shop", Cancelled)).Sequence);
    }

    [Fact]
    public async Task Lengths_are_limited()
    {
        await Log.AppendAsync(new string('s', 64), [new OrderStatusEvent
        {
            OrderId = new string('o', 128), Status = new string('s', 64), Id = new string('e', 128),
            Details = $$"""{"x":"{{new string('x', 65_528)}}"}""",
        }], Cancelled);
        await FieldAsync("organization_id", new string('s', 65), Event("o", "e", "s"));
        await FieldAsync("order_id", "s", Event(new string('o', 129), "e", "s"));
        await FieldAsync("status", "s", Event("o", "e", new string('s', 65)));
        await FieldAsync("id", "s", Event("o", new string('e', 129), "s"));
        await FieldAsync(
            "details", "s", Event("o", "e", "s") with { Details = $$"""{"x":"{{new string('x', 65_529)}}"}""" });
        await FieldAsync("events", "s");
        await FieldAsync("events", "s", [.. Enumerable.Range(0, 1001).Select(i => Event("o", $"e-{i}", "s"))]);

        async Task FieldAsync(string field, string organization, params OrderStatusEvent[] events) => Assert.Equal(
            field,
            (await Assert.ThrowsAsync<InvalidOrderEventException>(
                () => Log.AppendAsync(organization, events, Cancelled))).Field);
    }
}
