using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class FailedConnectBudgetsTests
{
    private static readonly ClientAddress Attacker = ClientAddress.Of(IPAddress.Parse("192.0.2.1"));
    private static readonly ClientAddress Other = ClientAddress.Of(IPAddress.Parse("192.0.2.2"));

    private readonly FakeTimeProvider _time = new();
    private readonly FailedConnectBudgets _budgets;

    public FailedConnectBudgetsTests() => _budgets = new FailedConnectBudgets(
        Options.Create(new FrontEndOptions { FailedConnectsPerAddress = 5, FailedConnectRatePerAddress = 2 }), _time);

    [Fact]
    public void Only_failures_count_and_only_for_their_address()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Attacker, "wrong"));
            _budgets.Failed(Attacker, "wrong");
            Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Other, "right"));
        }

        Assert.Equal(TimeSpan.FromSeconds(0.5), _budgets.GetWait(Attacker, "wrong"));
        Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Other, "wrong"));
    }

    [Fact]
    public void Address_without_budget_gets_connects_at_the_refill_rate()
    {
        UseUp();
        var decided = 0;
        for (var i = 0; i < 1000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            if (_budgets.GetWait(Attacker, $"guess-{i}") == TimeSpan.Zero)
            {
                decided++;
                _budgets.Failed(Attacker, $"guess-{i}");
            }
        }

        // Two per second for ten seconds.
        Assert.InRange(decided, 19, 20);
    }

    [Fact]
    public void Recently_authenticated_key_needs_no_budget_until_it_fails()
    {
        _budgets.Succeeded("right");
        UseUp();
        Assert.NotEqual(TimeSpan.Zero, _budgets.GetWait(Attacker, "wrong"));
        Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Attacker, "right"));
        _budgets.Failed(Attacker, "right");
        Assert.NotEqual(TimeSpan.Zero, _budgets.GetWait(Attacker, "right"));
    }

    [Fact]
    public void Key_is_forgotten_after_a_while_without_authentication()
    {
        var keys = new KnownKeys(_time);
        keys.Add("right");
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(keys.Contains("right"));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.False(keys.Contains("right"));
    }

    [Fact]
    public void Unlimited_addresses_take_bounded_memory_and_share_a_budget()
    {
        for (var i = 0; i < FailedConnectBudgets.MaxAddresses + 100; i++)
        {
            _budgets.Failed(new ClientAddress((UInt128)(i + 1)), "wrong");
        }

        Assert.Equal(FailedConnectBudgets.MaxAddresses, _budgets.Count);
        Assert.NotEqual(TimeSpan.Zero, _budgets.GetWait(Attacker, "wrong"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Attacker, "wrong"));
        _budgets.Failed(Attacker, "wrong");
        Assert.Equal(1, _budgets.Count);
    }

    private void UseUp()
    {
        for (var i = 0; i < 5; i++)
        {
            _budgets.Failed(Attacker, "wrong");
        }
    }
}
