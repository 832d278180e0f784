using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.TestServer;

namespace OrdersActors.Tests.Support;

/// <summary>A real front end with one connection that handles requests. Only the socket is replaced.</summary>
internal sealed class RequestClient : IClientChannel, IAsyncDisposable
{
    private readonly ReceivedText _socket = new();
    private readonly OutboundQueue _outbound;
    private readonly FeedReader _reader;
    private readonly RequestHandler _handler;

    /// <param name="cluster">The silos.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <param name="time">The clock for retries of requests.</param>
    /// <param name="authenticator">What decides about a connect; null for the cluster's grains.</param>
    /// <param name="guesses">The budgets that it shares with other clients; null for its own.</param>
    /// <param name="address">The client's address; null as on a Unix socket.</param>
    public RequestClient(
        OrderCluster cluster, FrontEndOptions? options = null, TimeProvider? time = null,
        IAuthenticator? authenticator = null, GuessLimits? guesses = null, IPAddress? address = null)
    {
        options ??= new FrontEndOptions();
        time ??= TimeProvider.System;
        var guard = new GuessGuard(guesses ?? GuessParts.Create(options, time), address, options, time);
        var limiters = new FrontEndLimiters(TimeProvider.System);
        _reader = new FeedReader(cluster.Grains, Options.Create(options));
        var hub = new FeedHub(
            cluster.Grains, new LocalObservers([]), _reader, [], [], TimeProvider.System, NullLogger<Feed>.Instance);
        _outbound = new OutboundQueue(new StreamOutput(_socket), options.MaxQueuedBytes, e => throw e);
        Subscriptions = new ConnectionSubscriptions(
            hub, _reader, limiters, _outbound, this, TimeProvider.System, NullLogger.Instance);
        _handler = new RequestHandler(
            authenticator ?? new Authenticator(cluster.Grains, NullLogger<Authenticator>.Instance),
            Subscriptions, limiters, guard, options, time ?? TimeProvider.System, this);
    }

    public ConnectionSubscriptions Subscriptions { get; }

    /// <summary>The reason to close the connection; null if it stays open.</summary>
    public CloseReason? Closed { get; private set; }

    public bool IsClosing => Closed is not null;

    /// <summary>The messages sent to the client, without events.</summary>
    public IEnumerable<string> Replies =>
        _socket.Messages.Where(text => !text.StartsWith("{\"type\":\"event\"", StringComparison.Ordinal));

    /// <summary>The order and the version of each event sent to the client.</summary>
    public IEnumerable<string> Events => _socket.Messages
        .Where(text => text.StartsWith("{\"type\":\"event\"", StringComparison.Ordinal))
        .Select(text => JsonElement.Parse(text).GetProperty("data"))
        .Select(data => $"{data.GetProperty("order_id").GetString()} {data.GetProperty("version").GetInt64()}");

    /// <summary>The versions of the events sent to the client.</summary>
    public IEnumerable<long> Versions => _socket.Messages
        .Where(text => text.StartsWith("{\"type\":\"event\"", StringComparison.Ordinal))
        .Select(text => JsonElement.Parse(text).GetProperty("data").GetProperty("version").GetInt64());

    /// <summary>Connects with a token for some orders of an organization.</summary>
    public static async Task<RequestClient> ConnectAsync(
        OrderCluster cluster, string organization, string[] orders, FrontEndOptions? options = null)
    {
        var key = await cluster.Keys.CreateAsync(organization, TestContext.Current.CancellationToken);
        var client = new RequestClient(cluster, options);
        await client.HandleAsync(TestToken.Connect(key.Key, TestToken.ForOrders(key.Secret, orders)));
        await Eventually.Holds(() => client.Replies.Any(), () => "no answer to the connect");
        Assert.Contains("\"expires_at\":", client.Replies.Single(), StringComparison.Ordinal);
        client.Clear();
        return client;
    }

    /// <summary>Connects with a new key of an organization.</summary>
    public static async Task<RequestClient> ConnectAsync(
        OrderCluster cluster, string organization, FrontEndOptions? options = null, TimeProvider? time = null,
        GuessLimits? guesses = null, IPAddress? address = null)
    {
        var key = await cluster.Keys.CreateAsync(organization, TestContext.Current.CancellationToken);
        return await ConnectWithAsync(cluster, key.Key, options, time, guesses, address);
    }

    /// <summary>Connects with a key.</summary>
    public static async Task<RequestClient> ConnectWithAsync(
        OrderCluster cluster, string key, FrontEndOptions? options = null, TimeProvider? time = null,
        GuessLimits? guesses = null, IPAddress? address = null)
    {
        var client = new RequestClient(cluster, options, time, authenticator: null, guesses, address);
        await client.HandleAsync(JsonSerializer.Serialize(new { type = "connect", data = new { api_key = key } }));
        await Eventually.Equal(["""{"type":"connected","data":{"status":"authenticated"}}"""], () => client.Replies);
        client.Clear();
        return client;
    }

    /// <summary>Forgets what was sent to the client.</summary>
    public void Clear() => _socket.Clear();

    public Task HandleAsync(string message) => _handler.HandleAsync(Encoding.UTF8.GetBytes(message));

    public void Send(byte[] frame) => Assert.True(_outbound.TryEnqueue(frame));

    public void Close(CloseReason reason) => Closed ??= reason;

    public async ValueTask DisposeAsync()
    {
        await Subscriptions.DisposeAsync();
        _reader.Dispose();
    }

    private sealed class ReceivedText : MemoryStream
    {
        private readonly List<string> _messages = [];

        public IReadOnlyList<string> Messages
        {
            get
            {
                lock (_messages)
                {
                    return [.. _messages];
                }
            }
        }

        public void Clear()
        {
            lock (_messages)
            {
                _messages.Clear();
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Every write contains whole frames with payloads below 64 KiB.
            for (var rest = buffer; rest.Length > 0;)
            {
                var header = rest.Span[1] == 126 ? 4 : 2;
                var length = header == 4 ? (rest.Span[2] << 8) | rest.Span[3] : rest.Span[1];
                lock (_messages)
                {
                    _messages.Add(Encoding.UTF8.GetString(rest.Span.Slice(header, length)));
                }

                rest = rest[(header + length)..];
            }

            return ValueTask.CompletedTask;
        }
    }
}
