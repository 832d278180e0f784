using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Protocol;

namespace OrdersActors.FrontEnd.Sessions;

/// <summary>
/// Checks whether this front end reaches the silos, and whether they reach the event log. If it has lost all silos, it
/// closes its clients, so that they can connect to another front end.
/// </summary>
/// <remarks>
/// <para>It polls once per second. Each poll calls the next of a few workers, because an Orleans client may reach
/// another worker through another gateway. So one gateway that does not answer does not count as the loss of all
/// silos.</para>
/// <para>After <see cref="Deadlines.ContactLost"/> without an answer, every connection is closed with 1013. New
/// connections are closed in the same way until a silo answers again. With the poll's own timeout, that is within
/// <see cref="Deadlines.ClientsLeave"/> of the loss.</para>
/// <para>While silos answer but the log is unavailable, connections stay open, because another front end could not
/// serve them better.</para>
/// </remarks>
internal sealed partial class ClusterContact(
    IGrainFactory grains, ConnectionRegistry registry, TimeProvider time, ILogger<ClusterContact> logger)
    : BackgroundService
{
    // The same as the number of writers in the publishing library's WriterAdapter, for the same reason.
    private const int Workers = 16;

    // A timestamp of the time provider; 0 before the first answer.
    private long _answeredAt;
    private int _worker;
    private volatile int _siloCount;
    private volatile bool _isLogAvailable;
    private volatile bool _isLost;

    /// <summary>Whether silos answer and clients are admitted.</summary>
    public bool HasSilos => !_isLost && IsAnswerWithin(Deadlines.ContactMaxAge);

    /// <summary>The number of silos that are alive, as of the last answer.</summary>
    public int SiloCount => _siloCount;

    /// <summary>Whether silos answer and reach the event log.</summary>
    public bool HasLog => HasSilos && _isLogAvailable;

    /// <summary>
    /// Polls once before the server accepts connections. Inside a silo, which starts first, that succeeds. A front end
    /// without a silo also starts if no silo answers, but closes all connections until the first answer.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await TryPollAsync())
        {
            _isLost = true;
            registry.BeginRejecting(CloseReason.NoSilos);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Deadlines.ContactInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await TryPollAsync();
            CloseOrAdmit();
        }
    }

    private bool IsAnswerWithin(TimeSpan age) =>
        Volatile.Read(ref _answeredAt) is not 0 and var answeredAt && time.GetElapsedTime(answeredAt) <= age;

    private async Task<bool> TryPollAsync()
    {
        try
        {
            await PollAsync();
            return true;
        }
        catch (Exception e)
        {
            // Any exception means that no answer came. It must not end the polling.
            LogNotAnswered(e.Message);
            return false;
        }
    }

    private async Task PollAsync()
    {
        var cluster = grains.Find<IClusterGrain>(_worker++ % Workers);
        _siloCount = (await cluster.GetSilos()).Length;
        Volatile.Write(ref _answeredAt, time.GetTimestamp());
        try
        {
            _isLogAvailable = await cluster.IsLogAvailable();
        }
        catch (Exception e) when (e is not (TimeoutException or OrleansException))
        {
            // A silo of a previous version does not know this call and does not report the log's state.
            _isLogAvailable = true;
        }
    }

    private void CloseOrAdmit()
    {
        if (!_isLost && !IsAnswerWithin(Deadlines.ContactLost))
        {
            _isLost = true;
            LogLost(Deadlines.ContactLost, registry.Count);
            registry.BeginRejecting(CloseReason.NoSilos);
        }
        else if (_isLost && IsAnswerWithin(Deadlines.ContactMaxAge))
        {
            registry.EndRejecting();
            // Set last: a load balancer that sees this server ready sends clients at once.
            _isLost = false;
            LogFound();
        }
    }

    [LoggerMessage(1323, LogLevel.Error,
        "No silo has answered for {Time}. {Count} connections are closed with 1013, and new ones too until a silo " +
        "answers")]
    private partial void LogLost(TimeSpan time, int count);

    [LoggerMessage(1324, LogLevel.Information, "Silos answer again. Connections are served")]
    private partial void LogFound();

    [LoggerMessage(1325, LogLevel.Debug,
        "A poll of the silos failed: {Reason}. The next poll calls another worker in a second")]
    private partial void LogNotAnswered(string reason);
}
