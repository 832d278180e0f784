using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Tests.FrontEnd.Protocol;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions.Authentication;

public sealed class GuardedAuthenticatorTests : IClassFixture<OrderCluster>
{
    private const int MaxFailed = 3;

    private readonly RecordingLogger<GuessAlarm> _alarms = new();
    private readonly GuessLimits _guesses;
    private readonly OrderCluster _cluster;
    private readonly RecordingChannel _client = new();
    private readonly RecordingLogger<GuardedAuthenticator> _logger = new();

    public GuardedAuthenticatorTests(OrderCluster cluster)
    {
        _cluster = cluster;
        _guesses = GuessParts.Create(
            new FrontEndOptions { FailedConnectsPerAddress = 5, FailedConnectRatePerAddress = 1 },
            new FakeTimeProvider(), _alarms);
    }

    [Fact]
    public async Task Connection_past_its_budget_is_refused_without_a_grain_call_and_then_closed()
    {
        var (guarded, decided) = Create("192.0.2.1");
        for (var i = 0; i < MaxFailed; i++)
        {
            Assert.Equal(ProtocolError.InvalidApiKey, (await FailAsync(guarded, "wrong")).Code);
        }

        for (var i = 0; i < MaxFailed; i++)
        {
            var refused = await FailAsync(guarded, "wrong");
            Assert.Equal(ProtocolError.RateLimited, refused.Code);
            Assert.True(refused.RetryAfter > TimeSpan.Zero);
            Assert.Null(_client.Closed);
        }

        await FailAsync(guarded, "wrong");
        Assert.Equal(1008, _client.Closed!.Status);
        Assert.Equal(MaxFailed, decided.Count);
        // One warning per minute, without the guessed key.
        Assert.Equal([1344], _alarms.Ids);
        Assert.Contains("ApiKey and came from 192.0.2.1", _alarms.Text, StringComparison.Ordinal);
        Assert.Contains("its connection", _alarms.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", _alarms.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_past_its_budget_is_refused_and_others_are_not()
    {
        var key = await CreateKeyAsync();
        for (var i = 0; i < 5; i++)
        {
            await FailAsync(Create("192.0.2.1").Guarded, "wrong");
        }

        var (guarded, decided) = Create("192.0.2.1");
        Assert.Equal(ProtocolError.RateLimited, (await FailAsync(guarded, key)).Code);
        Assert.Empty(decided.Keys);
        Assert.Contains("its address", _alarms.Text, StringComparison.Ordinal);
        // The key authenticates from another address. From then on it is also accepted from the address without budget.
        await Create("192.0.2.2").Guarded.ConnectAsync(null, Connect(key));
        await guarded.ConnectAsync(null, Connect(key));
    }

    [Fact]
    public async Task Authenticated_connection_is_never_refused_for_further_connects()
    {
        var key = await CreateKeyAsync();
        var (guarded, decided) = Create("192.0.2.1");
        var identity = await guarded.ConnectAsync(null, Connect(key));
        for (var i = 0; i < 10; i++)
        {
            var e = await Assert.ThrowsAsync<RequestException>(() => guarded.ConnectAsync(identity, Connect("")));
            Assert.NotEqual(ProtocolError.RateLimited, e.Code);
        }

        Assert.Null(_client.Closed);
        Assert.Equal(11, decided.Count);
    }

    [Fact]
    public async Task Failed_connect_is_logged_at_Debug_with_its_address_and_without_its_key()
    {
        await FailAsync(Create("192.0.2.7").Guarded, "a-guessed-key");
        Assert.Equal([1342], _logger.Ids);
        Assert.Equal([LogLevel.Debug], _logger.Levels);
        Assert.Contains("A connect from 192.0.2.7 failed: invalid_api_key", _logger.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a-guessed-key", _logger.Text, StringComparison.Ordinal);
    }

    private async Task<string> CreateKeyAsync()
    {
        var shop = OrderCluster.NewOrganization();
        return (await _cluster.Keys.CreateAsync(shop, TestContext.Current.CancellationToken)).Key;
    }

    private static async Task<RequestException> FailAsync(GuardedAuthenticator guarded, string key) =>
        await Assert.ThrowsAsync<RequestException>(() => guarded.ConnectAsync(null, Connect(key)));

    private static ClientMessage Connect(string key) =>
        ParsedMessage.Valid($$$"""{"type":"connect","data":{"api_key":"{{{key}}}"}}""");

    private (GuardedAuthenticator Guarded, CountingAuthenticator Decided) Create(string address)
    {
        var decided = new CountingAuthenticator(new Authenticator(_cluster.Grains, NullLogger<Authenticator>.Instance));
        var guarded = new GuardedAuthenticator(
            decided, _guesses, IPAddress.Parse(address), MaxFailed, _client, _logger);
        return (guarded, decided);
    }

    /// <summary>The real authenticator, recording the keys of its calls.</summary>
    private sealed class CountingAuthenticator(IAuthenticator real) : IAuthenticator
    {
        public List<string?> Keys { get; } = [];

        public int Count => Keys.Count;

        public Task<ClientIdentity> ConnectAsync(ClientIdentity? current, ClientMessage message)
        {
            Keys.Add(message.ApiKey);
            return real.ConnectAsync(current, message);
        }
    }
}
