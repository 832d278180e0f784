using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Streams;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class OperatorAccessTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectionParts _parts;
    private readonly RecordingLogger<OperatorAccess> _logger = new();
    private readonly RecentCloses _closes;
    private readonly OperatorAccess _access;

    public OperatorAccessTests()
    {
        _parts = new ConnectionParts(_time);
        _closes = new RecentCloses(_time);
        _access = new OperatorAccess(_parts.Registry, _closes, _parts.Grains.Factory, _time, _logger);
    }

    public void Dispose()
    {
        _access.Dispose();
        _closes.Dispose();
        _parts.Dispose();
    }

    [Fact]
    public async Task Connections_are_counted_and_listed_up_to_the_limit_without_their_keys()
    {
        Add("acme", "ann");
        Add("acme", "bob");
        Add("other", null);
        _parts.Registry.Add(_parts.Create(new TestSocket(), () => { }));
        _time.Advance(TimeSpan.FromMinutes(1));

        var all = await _access.ListConnections(new ConnectionFilter(), 10);
        Assert.Equal((4, 4, 4), (all.Total, all.Matching, all.Connections.Length));
        Assert.All(all.Connections, connection => Assert.Equal(TimeSpan.FromMinutes(1), connection.Age));
        Assert.Null(Assert.Single(all.Connections, connection => connection.Transport == "websocket").Key);

        var few = await _access.ListConnections(new ConnectionFilter("acme"), 1);
        Assert.Equal((4, 2), (few.Total, few.Matching));
        Assert.Equal("oak_0123", Assert.Single(few.Connections).Key);
    }

    [Fact]
    public async Task Only_connections_that_pass_the_filter_are_closed_and_each_once()
    {
        var (ann, bob) = (Add("acme", "ann"), Add("acme", "bob"));
        Assert.Equal(1, await _access.Disconnect(new ConnectionFilter("acme", Customer: "bob")));
        Assert.Equal(0, await _access.Disconnect(new ConnectionFilter("acme", Customer: "bob")));
        Assert.Equal(0, await _access.Disconnect(new ConnectionFilter(OrderId: "o-1")));
        Assert.True(bob.IsClosing);
        Assert.False(ann.IsClosing);
        Assert.Equal(1, await _access.Disconnect(new ConnectionFilter()));
        Assert.True(ann.IsClosing);
    }

    [Fact]
    public async Task Summary_has_the_largest_organizations_and_the_recent_closes()
    {
        for (var i = 0; i < 25; i++)
        {
            Add($"shop-{i:00}", null);
        }

        Add("shop-24", null);
        await _access.Disconnect(new ConnectionFilter("shop-00"));
        var summary = await _access.Summarize();
        Assert.Equal((26, 20), (summary.Connections, summary.Organizations.Length));
        Assert.Equal(new OrganizationConnections("shop-24", 2), summary.Organizations[0]);
        // Other tests of this process may close connections as well.
        Assert.Contains(summary.Closes, close => close is { Status: 1012, Count: >= 1 });

        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.DoesNotContain((await _access.Summarize()).Closes, close => close.Status == 1012);
    }

    [Fact]
    public async Task Front_end_registers_again_and_again_also_after_failures()
    {
        _parts.Grains.Before = _ => throw new TimeoutException("no silo");
        await _access.StartAsync(TestContext.Current.CancellationToken);
        for (var calls = 1; calls <= 3; calls++)
        {
            var expected = calls;
            await Eventually.Holds(
                () => _parts.Grains.Count(nameof(IFrontEndsGrain.Register)) == expected,
                () => $"{_parts.Grains.Count(nameof(IFrontEndsGrain.Register))} calls");
            _time.Advance(Deadlines.FrontEndRenewal);
        }

        await _access.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, _parts.Grains.Count(nameof(IFrontEndsGrain.Unregister)));
    }

    private EventStream Add(string organization, string? customer)
    {
        var identity = new ClientIdentity(
            "oak_0123456789", organization, IsSigned: true,
            Grant: customer is null ? null : new TokenGrant([], true, _time.GetUtcNow().AddHours(1), customer));
        var stream = _parts.CreateStream(Stream.Null, () => { }, identity, NullLogger<EventStream>.Instance);
        _parts.Registry.Add(stream);
        return stream;
    }
}
