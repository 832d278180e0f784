using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class ConnectionAdmissionTests
{
    private const int Warning = 1340;

    private static readonly IPAddress First = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Second = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<ConnectionAdmission> _log = new();

    [Fact]
    public void Connections_are_limited_in_total()
    {
        var admission = Create(new FrontEndOptions { MaxConnections = 2 });
        Assert.True(admission.TryEnter(First, out var slot, out _));
        Assert.True(admission.TryEnter(Second, out _, out _));
        Assert.False(admission.TryEnter(null, out _, out var refusal));
        Assert.Equal("total", refusal.Limit);
        slot.Dispose();
        Assert.True(admission.TryEnter(First, out _, out _));
    }

    [Fact]
    public void Connections_are_limited_per_address()
    {
        var admission = Create(new FrontEndOptions { MaxConnectionsPerAddress = 1 });
        Assert.True(admission.TryEnter(First, out var slot, out _));
        Assert.False(admission.TryEnter(First.MapToIPv6(), out _, out var refusal));
        Assert.Equal("address", refusal.Limit);
        Assert.True(admission.TryEnter(Second, out _, out _));
        slot.Dispose();
        Assert.True(admission.TryEnter(First, out _, out _));
        // Without an address there is no limit per address.
        Assert.True(admission.TryEnter(null, out _, out _));
        Assert.True(admission.TryEnter(null, out _, out _));
    }

    [Fact]
    public void IPv6_network_counts_as_one_address()
    {
        var admission = Create(new FrontEndOptions { MaxConnectionsPerAddress = 1 });
        Assert.True(admission.TryEnter(IPAddress.Parse("2001:db8:1:2::1"), out _, out _));
        Assert.False(admission.TryEnter(IPAddress.Parse("2001:db8:1:2:ffff::9"), out _, out _));
        Assert.True(admission.TryEnter(IPAddress.Parse("2001:db8:1:3::1"), out _, out _));
    }

    [Fact]
    public void Unauthenticated_connections_are_limited()
    {
        var admission = Create(new FrontEndOptions { MaxUnauthenticatedConnections = 1 });
        Assert.True(admission.TryEnter(First, out var slot, out _));
        Assert.False(admission.TryEnter(Second, out _, out var refusal));
        Assert.Equal("unauthenticated", refusal.Limit);
        slot.Authenticated();
        slot.Authenticated();
        Assert.True(admission.TryEnter(Second, out var second, out _));
        slot.Dispose();
        Assert.False(admission.TryEnter(First, out _, out _));
        second.Dispose();
        Assert.True(admission.TryEnter(First, out _, out _));
    }

    [Fact]
    public void New_connections_are_limited_per_second_after_a_burst()
    {
        var admission = Create(new FrontEndOptions { ConnectRate = 2, ConnectBurst = 3 });
        for (var i = 0; i < 3; i++)
        {
            Assert.True(admission.TryEnter(First, out var slot, out _));
            slot.Dispose();
        }

        Assert.False(admission.TryEnter(Second, out _, out var refusal));
        Assert.Equal("rate", refusal.Limit);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(admission.TryEnter(Second, out _, out _));
        Assert.False(admission.TryEnter(Second, out _, out _));
    }

    [Theory]
    [InlineData("organization", "shop", "other-key", "other")]
    [InlineData("key", "shop", "key", "other")]
    [InlineData("customer", "shop", "other-key", "anna")]
    public void Connections_of_one_owner_are_limited(string limit, string organization, string key, string customer)
    {
        var admission = Create(new FrontEndOptions
        {
            MaxConnectionsPerOrganization = limit == "organization" ? 1 : 0,
            MaxConnectionsPerKey = limit == "key" ? 1 : 0,
            MaxConnectionsPerCustomer = limit == "customer" ? 1 : 0,
        });
        var (first, second) = (Enter(admission), Enter(admission));
        Assert.Null(first.Admit(new ConnectionOwner("shop", "key", "anna")));
        Assert.Null(first.Admit(new ConnectionOwner("shop", "key", "anna")));
        Assert.Null(second.Admit(new ConnectionOwner("another", "another", "another")));
        var third = Enter(admission);
        Assert.Equal(limit, third.Admit(new ConnectionOwner(organization, key, customer))?.Limit);
        first.Dispose();
        Assert.Null(third.Admit(new ConnectionOwner(organization, key, customer)));
    }

    [Fact]
    public void Connection_that_is_refused_for_another_owner_still_counts_for_its_own()
    {
        var admission = Create(new FrontEndOptions { MaxConnectionsPerCustomer = 1 });
        var (anna, bert, third) = (Enter(admission), Enter(admission), Enter(admission));
        Assert.Null(anna.Admit(new ConnectionOwner("shop", "key", "anna")));
        Assert.Null(bert.Admit(new ConnectionOwner("shop", "key", "bert")));
        Assert.NotNull(bert.Admit(new ConnectionOwner("shop", "key", "anna")));
        Assert.NotNull(third.Admit(new ConnectionOwner("shop", "key", "bert")));
        Assert.Null(anna.Admit(new ConnectionOwner("shop", "key", "carl")));
        Assert.Null(third.Admit(new ConnectionOwner("shop", "key", "anna")));
    }

    [Fact]
    public void Clients_without_a_customer_have_no_limit_per_customer()
    {
        var admission = Create(new FrontEndOptions { MaxConnectionsPerCustomer = 1 });
        Assert.Null(Enter(admission).Admit(new ConnectionOwner("shop", "key", null)));
        Assert.Null(Enter(admission).Admit(new ConnectionOwner("shop", "key", null)));
        // Customers of two organizations may have the same name.
        Assert.Null(Enter(admission).Admit(new ConnectionOwner("shop", "key", "anna")));
        Assert.Null(Enter(admission).Admit(new ConnectionOwner("other", "key-2", "anna")));
    }

    [Fact]
    public void Zero_means_no_limit()
    {
        var admission = Create(
            new FrontEndOptions
            {
                MaxConnections = 0,
                MaxConnectionsPerAddress = 0,
                MaxUnauthenticatedConnections = 0,
            });
        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.True(admission.TryEnter(First, out var _, out var _)));
    }

    [Fact]
    public void Many_refusals_cause_one_warning_per_minute_with_their_count()
    {
        var admission = Create(new FrontEndOptions { MaxConnections = 1 });
        admission.TryEnter(First, out _, out _);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(admission.TryEnter(Second, out _, out _));
        }

        Assert.Single(_log.Ids, Warning);
        Assert.Contains("Refused 1 connections", _log.Text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.2", _log.Text, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        admission.TryEnter(Second, out _, out _);
        Assert.Equal(2, _log.Ids.Count(id => id == Warning));
        Assert.Contains("Refused 100 connections", _log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_refusal_is_counted_with_its_limit_and_logged_with_its_address()
    {
        var counted = new List<string>();
        using var meter = new MeterListener();
        meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "orders_actors.connections_refused")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meter.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            Assert.Equal(1, count);
            counted.Add($"{tags[0].Key}={tags[0].Value}");
        });
        meter.Start();
        var total = Create(new FrontEndOptions { MaxConnections = 1 });
        var address = Create(new FrontEndOptions { MaxConnectionsPerAddress = 1 });
        Assert.True(total.TryEnter(First, out _, out _));
        Assert.True(address.TryEnter(First, out _, out _));
        Assert.Empty(counted);
        total.TryEnter(First, out _, out _);
        total.TryEnter(Second, out _, out _);
        address.TryEnter(First, out _, out _);
        Assert.Equal(["limit=total", "limit=total", "limit=address"], counted);
        Assert.Equal(3, _log.Ids.Count(id => id == 1341));
    }

    private static ConnectionAdmission.Slot Enter(ConnectionAdmission admission)
    {
        Assert.True(admission.TryEnter(First, out var slot, out _));
        return slot;
    }

    private ConnectionAdmission Create(FrontEndOptions options) => new(Options.Create(options), _time, _log);
}
