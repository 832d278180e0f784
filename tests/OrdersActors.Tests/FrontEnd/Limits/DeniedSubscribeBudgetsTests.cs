using System.Net;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class DeniedSubscribeBudgetsTests
{
    private const int PerKey = 20;

    private static readonly GuessOrigin Attacker = From("192.0.2.1");
    private static readonly GuessOrigin Honest = From("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<GuessAlarm> _log = new();
    private readonly DeniedSubscribeBudgets _budgets;

    public DeniedSubscribeBudgetsTests() => _budgets = GuessParts.Create(
        new FrontEndOptions
        {
            DeniedSubscribesPerAddress = 5,
            DeniedSubscribeRatePerAddress = 2,
            DeniedSubscribesPerKey = PerKey,
            DeniedSubscribeRatePerKey = 4,
        },
        _time, _log).Subscribes;

    [Fact]
    public void Address_past_its_budget_waits_and_another_address_with_the_same_key_does_not()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Attacker));
            Assert.Equal(TimeSpan.Zero, _budgets.Denied(Attacker));
        }

        Assert.Empty(_log.Ids);
        Assert.Equal(TimeSpan.FromSeconds(0.5), _budgets.GetWait(Attacker));
        Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Honest));
        Assert.Equal([1344], _log.Ids);
        Assert.Contains("from 192.0.2.1, organization shop; the budget of its address", _log.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Guesser_at_one_address_gets_lookups_at_the_refill_rate()
    {
        var lookups = 0;
        for (var i = 0; i < 1_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            if (_budgets.GetWait(Attacker) == TimeSpan.Zero)
            {
                lookups++;
                _budgets.Denied(Attacker);
            }
        }

        // Five at once, and two per second for ten seconds.
        Assert.InRange(lookups, 24, 25);
    }

    [Fact]
    public void Requests_without_a_denial_need_no_budget() =>
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Honest)));

    [Fact]
    public void Key_used_up_from_many_addresses_refuses_nobody_elsewhere_and_delays_only_denials()
    {
        for (var i = 0; i < 1_000; i++)
        {
            _budgets.Denied(From($"198.51.{i / 250}.{i % 250}"));
        }

        Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Honest));
        Assert.Equal(DeniedSubscribeBudgets.LongestDelay, _budgets.Denied(Honest));
        Assert.Contains("the budget of its key", _log.Text, StringComparison.Ordinal);
        // Denials of another key are answered at once.
        Assert.Equal(TimeSpan.Zero, _budgets.Denied(Honest with { ApiKey = "other-key" }));
    }

    [Fact]
    public void Denials_of_a_key_are_spread_out_at_its_rate()
    {
        for (var i = 0; i < PerKey; i++)
        {
            Assert.Equal(TimeSpan.Zero, _budgets.Denied(From($"198.51.100.{i}")));
        }

        Assert.Equal(TimeSpan.FromSeconds(0.25), _budgets.Denied(Attacker));
        Assert.Equal(TimeSpan.FromSeconds(0.5), _budgets.Denied(Attacker));
        Assert.Equal(TimeSpan.FromSeconds(0.75), _budgets.Denied(Attacker));
        // The delays end soon after the attack.
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, _budgets.Denied(Attacker));
    }

    [Fact]
    public void Clients_without_an_address_are_not_limited_per_address()
    {
        for (var i = 0; i < 10; i++)
        {
            _budgets.Denied(Attacker with { Address = null });
        }

        Assert.Equal(TimeSpan.Zero, _budgets.GetWait(Honest with { Address = null }));
    }

    [Fact]
    public void Origin_does_not_print_its_key() =>
        Assert.DoesNotContain("the-key", $"{Attacker}", StringComparison.Ordinal);

    private static GuessOrigin From(string address) => new(IPAddress.Parse(address), "shop", "the-key");
}
