using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class GuessGuardTests(FaultyOrderCluster cluster) : IClassFixture<FaultyOrderCluster>
{
    private static readonly IPAddress Attacker = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Honest = IPAddress.Parse("192.0.2.2");
    private static readonly ClientIdentity Open = new("key", "shop", IsSigned: false);
    private static readonly Refusal Denied = new(ProtocolError.AccessDenied, "no such order");

    private readonly string _shop = OrderCluster.NewOrganization();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<GuessAlarm> _log = new();

    [Fact]
    public async Task Connection_past_its_budget_is_refused_and_admitted_again_at_the_refill_rate()
    {
        var guard = Create(new FrontEndOptions
        {
            DeniedSubscribesPerConnection = 2,
            DeniedSubscribeRatePerConnection = 1,
        });
        for (var i = 0; i < 2; i++)
        {
            Assert.Null(guard.Admit(Open, Order("a")).Refusal);
            await guard.OnRefusedAsync(Open, Order("a"), Denied);
        }

        var refused = guard.Admit(Open, Order("a"));
        Assert.Equal("a", refused.OrderId);
        Assert.Equal(ProtocolError.RateLimited, refused.Refusal!.Code);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Refusal.RetryAfter);
        Assert.Contains("from 192.0.2.1, organization shop; the budget of its connection", _log.Text,
            StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(guard.Admit(Open, Order("a")).Refusal);
    }

    [Fact]
    public async Task Only_denials_of_orders_that_the_client_has_not_proved_count()
    {
        var guard = Create(new FrontEndOptions { DeniedSubscribesPerConnection = 1, DeniedSubscribesPerAddress = 1 });
        var expires = DateTimeOffset.UnixEpoch;
        var signed = Open with { IsSigned = true };
        var token = Open with { Grant = new TokenGrant(["a"], IsOrganization: false, expires) };
        var wide = Open with { Grant = new TokenGrant([], IsOrganization: true, expires) };
        foreach (var proved in (ClientIdentity[])[signed, token, wide])
        {
            await guard.OnRefusedAsync(proved, Order("a"), Denied);
        }

        await guard.OnRefusedAsync(Open, new SubscribeEntry(null, null), Denied);
        await guard.OnRefusedAsync(Open, Order("a"), new Refusal(ProtocolError.InvalidMessage, "after"));
        await guard.OnRefusedAsync(Open, Order("a"), new Refusal(ProtocolError.RateLimited, "later"));
        Assert.Null(guard.Admit(Open, Order("a")).Refusal);

        // A token that does not name the order proves nothing.
        await guard.OnRefusedAsync(token, Order("b"), Denied);
        Assert.NotNull(guard.Admit(Open, Order("a")).Refusal);
        Assert.NotNull(guard.Admit(token, Order("b")).Refusal);
        Assert.Null(guard.Admit(token, Order("a")).Refusal);
        Assert.Null(guard.Admit(signed, Order("b")).Refusal);
        Assert.Null(guard.Admit(wide, Order("b")).Refusal);
        Assert.Null(guard.Admit(Open, new SubscribeEntry(null, null)).Refusal);
    }

    [Fact]
    public async Task Denials_of_one_message_wait_together_for_at_most_the_longest_delay()
    {
        var guard = Create(new FrontEndOptions { DeniedSubscribesPerKey = 1, DeniedSubscribeRatePerKey = 1 });
        guard.BeginMessage();
        await guard.OnRefusedAsync(Open, Order("a"), Denied);
        var began = _time.GetTimestamp();
        await AdvanceUntilAsync(DenyAsync(guard, 20));
        Assert.InRange(
            _time.GetElapsedTime(began), DeniedSubscribeBudgets.LongestDelay, TimeSpan.FromSeconds(10));
        guard.BeginMessage();
        Assert.False(guard.OnRefusedAsync(Open, Order("a"), Denied).IsCompleted);
    }

    [Fact]
    public async Task Entries_past_the_budget_are_refused_one_by_one_without_a_lookup()
    {
        await cluster.AppendAsync(_shop, $"{_shop}/mine");
        var options = new FrontEndOptions { DeniedSubscribesPerConnection = 10 };
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, options, _time, address: Attacker);
        await client.HandleAsync(Subscribe($"{_shop}/mine"));
        await client.HandleAsync(Subscribe([.. Enumerable.Range(0, 60).Select(i => $"guess-{i}"), $"{_shop}/mine"]));
        await Eventually.Equal([62], () => [client.Replies.Count()]);

        var codes = client.Replies.Skip(1).Select(Outcome).ToArray();
        var denied = codes.Count(code => code == "access_denied");
        // Up to seven more entries are looked up at once.
        Assert.InRange(denied, 10, 17);
        Assert.All(codes[..denied], code => Assert.Equal("access_denied", code));
        Assert.All(codes[denied..60], code => Assert.Equal("rate_limited", code));
        Assert.Equal("subscribed", codes[60]);

        // The refusal does not need the log.
        cluster.LogIsAway = true;
        try
        {
            await client.HandleAsync(Subscribe("guess-60"));
            await Eventually.Equal([63], () => [client.Replies.Count()]);
        }
        finally
        {
            cluster.LogIsAway = false;
        }

        var data = JsonElement.Parse(client.Replies.Last()).GetProperty("data");
        Assert.Equal("rate_limited", data.GetProperty("code").GetString());
        Assert.Equal("guess-60", data.GetProperty("order_id").GetString());
        Assert.True(data.GetProperty("retry_after_ms").GetInt64() > 0);
        Assert.StartsWith("rate limited: ", data.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_comes_back_with_many_existing_orders_is_not_limited()
    {
        string[] orders = [.. Enumerable.Range(0, 100).Select(i => $"{_shop}/o-{i}")];
        foreach (var order in orders)
        {
            await cluster.AppendAsync(_shop, order);
        }

        var options = new FrontEndOptions
        {
            DeniedSubscribesPerConnection = 1,
            DeniedSubscribesPerAddress = 1,
            DeniedSubscribesPerKey = 1,
        };
        await using var client = await RequestClient.ConnectAsync(cluster, _shop, options, _time, address: Honest);
        await client.HandleAsync(Subscribe(orders[..50]));
        foreach (var order in orders[50..])
        {
            await client.HandleAsync(Subscribe(order));
        }

        await Eventually.Equal([100], () => [client.Replies.Count()]);
        Assert.All(client.Replies, reply => Assert.Equal("subscribed", Outcome(reply)));
    }

    [Fact]
    public async Task Denial_past_the_keys_budget_waits_and_an_existing_order_of_the_key_does_not()
    {
        await cluster.AppendAsync(_shop, $"{_shop}/mine");
        var options = new FrontEndOptions { DeniedSubscribesPerKey = 1, DeniedSubscribeRatePerKey = 1 };
        var guesses = GuessParts.Create(options, _time, _log);
        var key = (await cluster.Keys.CreateAsync(_shop, TestContext.Current.CancellationToken)).Key;
        await using var attacker = await RequestClient.ConnectWithAsync(
            cluster, key, options, _time, guesses, Attacker);
        await using var honest = await RequestClient.ConnectWithAsync(cluster, key, options, _time, guesses, Honest);
        await attacker.HandleAsync(Subscribe("guess-1"));
        await Eventually.Equal(["access_denied"], () => attacker.Replies.Select(Outcome));

        var began = _time.GetTimestamp();
        var handling = attacker.HandleAsync(Subscribe("guess-2"));
        await Eventually.Equal([1344], () => _log.Ids);
        await honest.HandleAsync(Subscribe($"{_shop}/mine"));
        await Eventually.Equal(["subscribed"], () => honest.Replies.Select(Outcome));

        Assert.False(handling.IsCompleted);
        Assert.Single(attacker.Replies);
        await AdvanceUntilAsync(handling);
        Assert.True(_time.GetElapsedTime(began) >= TimeSpan.FromSeconds(1));
        await Eventually.Equal(["access_denied", "access_denied"], () => attacker.Replies.Select(Outcome));
    }

    private static async Task DenyAsync(GuessGuard guard, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await guard.OnRefusedAsync(Open, Order("a"), Denied);
        }
    }

    private async Task AdvanceUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await task;
    }

    private GuessGuard Create(FrontEndOptions options) =>
        new(GuessParts.Create(options, _time, _log), Attacker, options, _time);

    private static SubscribeEntry Order(string id) => new(id, Resume: null);

    private static string Subscribe(params string[] orders) => JsonSerializer.Serialize(new
    {
        type = "subscribe",
        data = orders.Length == 1
            ? (object)new { order_id = orders[0] }
            : new { orders = orders.Select(order => new { order_id = order }) },
    });

    private static string? Outcome(string reply)
    {
        var data = JsonElement.Parse(reply).GetProperty("data");
        return (data.TryGetProperty("code", out var code) ? code : data.GetProperty("status")).GetString();
    }
}
