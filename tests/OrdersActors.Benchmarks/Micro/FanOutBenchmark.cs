using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Subscriptions;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>
/// Passes an event on to the subscriptions of many connections, from the feed to the outputs of their queues. The
/// groups of listeners run on several threads; the time ends when the last connection has the event.
/// </summary>
public class FanOutBenchmark
{
    private static readonly FeedKey Order = new(SampleEvents.Organization, "order-1001");

    private readonly List<ConnectionSubscriptions> _connections = [];
    private readonly CountingOutput _output = new();
    private readonly EncodedOrderEvent _event = OrderEventJson.Encode(SampleEvents.Stored(1));
    private FeedReader? _reader;
    private Feed? _feed;
    private long _version;

    /// <summary>The number of connections.</summary>
    [Params(1, 1000)]
    public int Connections { get; set; }

    /// <summary>Subscribes all connections. The only fakes are the grains and the sockets.</summary>
    [GlobalSetup]
    public async Task SubscribeAsync()
    {
        var grains = JoiningGrains.Create();
        _reader = new FeedReader(grains, Options.Create(new FrontEndOptions()));
        var hub = new FeedHub(
            grains, new LocalObservers([]), _reader, [], [], TimeProvider.System, NullLogger<Feed>.Instance);
        var limiters = new FrontEndLimiters(TimeProvider.System);
        for (var i = 0; i < Connections; i++)
        {
            var client = new Client(new OutboundQueue(_output, 1024 * 1024, e => throw e));
            var subscriptions = new ConnectionSubscriptions(
                hub, _reader, limiters, client.Queue, client, TimeProvider.System, NullLogger.Instance);
            await subscriptions.AddAsync(Order, after: null, ServerFrames.Pong(null));
            _connections.Add(subscriptions);
        }

        _feed = hub.Current.Find(Order);
    }

    /// <summary>Passes one event on. Returns the number of frames that were sent.</summary>
    [Benchmark]
    public int PassOn()
    {
        _output.Expect(Connections);
        _feed!.OnEvents([_event with { Version = ++_version }]);
        return _output.WaitForAll();
    }

    /// <summary>Ends all subscriptions.</summary>
    [GlobalCleanup]
    public async Task EndAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        _reader?.Dispose();
        _output.Dispose();
    }

    /// <summary>The socket of all connections: takes every frame at once and counts it.</summary>
    private sealed class CountingOutput : IFrameOutput, IDisposable
    {
        private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
        private readonly ManualResetEventSlim _hasAll = new();
        private int _expected;
        private int _sent;

        public void Expect(int frames)
        {
            _hasAll.Reset();
            (_expected, _sent) = (frames, 0);
        }

        public int WaitForAll() => _hasAll.Wait(Timeout)
            ? _sent
            : throw new TimeoutException($"{_sent} of {_expected} connections got the event in {Timeout}.");

        public int TrySend(ReadOnlySpan<byte> bytes)
        {
            if (Interlocked.Increment(ref _sent) == _expected)
            {
                _hasAll.Set();
            }

            return bytes.Length;
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => ValueTask.CompletedTask;

        public void Dispose() => _hasAll.Dispose();
    }

    private sealed class Client(OutboundQueue queue) : IClientChannel
    {
        public OutboundQueue Queue => queue;

        public bool IsClosing => false;

        public void Send(byte[] frame) => queue.TryEnqueue(frame);

        public void Close(CloseReason reason) => throw new InvalidOperationException($"{reason}");
    }
}
