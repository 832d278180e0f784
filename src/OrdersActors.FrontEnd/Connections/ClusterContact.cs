using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Connections;

/// <summary>
/// Whether this front end reaches the silos, and they the event log. If it has lost all silos, it sends its clients away, so that they can
/// connect to a front end that has not.
/// </summary>
/// <remarks>
/// <para>A poll asks once a second. Each poll asks another one of a few workers, because to an Orleans client another worker may be at
/// another gateway: one gateway that does not answer is not the loss of all silos.</para>
/// <para>After <see cref="CloseAfter"/> without any answer every connection is closed with 1013, and new ones are closed in the same way
/// until a silo answers again. With the poll's own timeout that is within 15 seconds of the loss.</para>
/// <para>While silos answer and the log is away, connections stay: another front end would serve them no better.</para>
/// </remarks>
internal sealed partial class ClusterContact(
    IGrainFactory grains, ConnectionRegistry registry, TimeProvider time, ILogger<ClusterContact> logger) : BackgroundService
{
    /// <summary>A poll is answered within three seconds or fails, so the last answer is at most four seconds old if all is well.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CloseAfter = TimeSpan.FromSeconds(10);

    // As many as the publishing library's writers; see there.
    private const int Workers = 16;

    // Timestamps of the time provider; 0 while no silo has ever answered.
    private long _answeredAt;
    private int _worker;
    private volatile bool _isLogAvailable;
    private volatile bool _isLost;

    /// <summary>Whether silos answer.</summary>
    public bool HasSilos => IsAnswerWithin(MaxAge);

    /// <summary>Whether silos answer and reach the event log.</summary>
    public bool HasLog => HasSilos && _isLogAvailable;

    /// <summary>
    /// Polls once before anything else begins. Inside a silo, which starts first, that is a success. A front end by itself starts also
    /// without silos, and serves nobody until the first one answers.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await TryPollAsync())
        {
            _isLost = true;
            registry.SendAway(CloseReason.NoSilos);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
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
            // Whatever it is, it is no answer; and the poll must go on.
            LogNotAnswered(e.Message);
            return false;
        }
    }

    private async Task PollAsync()
    {
        var cluster = grains.GetGrain<IClusterGrain>(_worker++ % Workers);
        await cluster.GetSilos();
        Volatile.Write(ref _answeredAt, time.GetTimestamp());
        try
        {
            _isLogAvailable = await cluster.IsLogAvailable();
        }
        catch (Exception e) when (e is not (TimeoutException or OrleansException))
        {
            // A silo of a previous version, which does not know the call and reports nothing.
            _isLogAvailable = true;
        }
    }

    private void CloseOrAdmit()
    {
        if (!_isLost && !IsAnswerWithin(CloseAfter))
        {
            _isLost = true;
            LogLost(CloseAfter, registry.Count);
            registry.SendAway(CloseReason.NoSilos);
        }
        else if (_isLost && HasSilos)
        {
            _isLost = false;
            registry.Admit();
            LogFound();
        }
    }

    [LoggerMessage(1323, LogLevel.Error,
        "No silo has answered for {Time}: {Count} connections are closed with 1013, and new ones as well until a silo answers")]
    private partial void LogLost(TimeSpan time, int count);

    [LoggerMessage(1324, LogLevel.Information, "Silos answer again; connections are served")]
    private partial void LogFound();

    [LoggerMessage(1325, LogLevel.Debug, "A poll of the silos failed: {Reason}; the next poll asks another worker in a second")]
    private partial void LogNotAnswered(string reason);
}
