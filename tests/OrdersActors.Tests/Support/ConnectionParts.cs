using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.Http.Streams;

namespace OrdersActors.Tests.Support;

/// <summary>The parts of a front end that its connections share, without a cluster, and connections on them.</summary>
internal sealed class ConnectionParts : IDisposable
{
    private readonly TimeProvider _time;
    private readonly FeedReader _reader;
    private readonly FeedHub _hub;
    private readonly FrontEndLimiters _limiters;
    private readonly GuessLimits _guesses;
    private readonly AllowedOrigins _origins;

    public ConnectionParts(TimeProvider time, FrontEndOptions? options = null)
    {
        _time = time;
        Options = Microsoft.Extensions.Options.Options.Create(options ?? new FrontEndOptions());
        _reader = new FeedReader(Grains.Factory, Options);
        _hub = new FeedHub(
            Grains.Factory, new LocalObservers([]), _reader, [], [Registry], time, NullLogger<Feed>.Instance);
        _limiters = new FrontEndLimiters(time, Options);
        _guesses = GuessParts.Create(Options.Value, time);
        _origins = new AllowedOrigins(Options, NullLogger<AllowedOrigins>.Instance);
        Admission = new ConnectionAdmission(Options, time, NullLogger<ConnectionAdmission>.Instance);
    }

    public FrontEndGrains Grains { get; } = new() { Head = 3 };

    public ConnectionRegistry Registry { get; } = new();

    public ConnectionAdmission Admission { get; }

    public IOptions<FrontEndOptions> Options { get; }

    public FeedHub Hub => _hub;

    public FrontEndLimiters Limiters => _limiters;

    /// <summary>Creates a connection that is not registered.</summary>
    public Connection Create(
        Stream socket, Action abort, string? origin = null, DeflateExtension? compression = null)
    {
        Assert.True(Admission.TryEnter(null, out var slot, out _));
        return new Connection(
            new TestTransport(socket, abort), slot, new PageOrigin(_origins, origin), compression, Registry, _hub,
            _reader, _limiters, new Authenticator(Grains.Factory, NullLogger<Authenticator>.Instance), _guesses,
            Options.Value, _time, NullLogger<Connection>.Instance);
    }

    /// <summary>Creates an event stream that is not registered.</summary>
    public EventStream CreateStream(
        Stream body, Action abort, ClientIdentity identity, ILogger<EventStream> logger) => new(
            body, abort, identity, null, _hub, _reader, _limiters, Options.Value, _time, logger);

    public void Dispose() => _reader.Dispose();
}
