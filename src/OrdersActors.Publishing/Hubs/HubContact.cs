using Microsoft.Extensions.Logging;

namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// Tracks the connection of one Orleans client to its hub. Logs one line when it fails or is lost, and one when it is
/// established.
/// </summary>
/// <param name="target">The gateways and the cluster, for messages.</param>
/// <param name="time">The clock of the outages.</param>
/// <param name="logger">Gets the lines.</param>
/// <param name="stopping">Signalled when the application begins to stop. From then on, failures are not logged.</param>
internal sealed partial class HubContact(
    string target, TimeProvider time, ILogger logger, CancellationToken stopping) : IClusterConnectionStatusObserver
{
    private readonly Outage _outage = new(time);
    private readonly TaskCompletionSource _attempted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Volatile: the task that starts the client sets it, and Orleans reports on other threads.
    private volatile bool _isStarted;

    // The last failure, for messages only. Orleans and the starting task write it.
    private volatile string? _problem;

    public bool IsConnected => _isStarted && !_outage.IsOngoing && !stopping.IsCancellationRequested;

    /// <summary>Completes when the first attempt to connect has succeeded or failed.</summary>
    public Task Attempted => _attempted.Task;

    /// <summary>Why there is no connection, in words.</summary>
    public string Reason => $"no connection to {target}" + (_problem is { } problem ? $": {problem}" : " yet");

    /// <summary>Notes that the client could not connect, or has lost its connection.</summary>
    public void Failed(string problem)
    {
        _problem = problem;
        if (_outage.Begin() && !stopping.IsCancellationRequested)
        {
            LogUnavailable(target, problem);
        }

        _attempted.TrySetResult();
    }

    /// <summary>Notes that the client has started, so it is connected.</summary>
    public void Started()
    {
        _isStarted = true;
        if (_outage.End() is { } outage)
        {
            LogConnectedAgain(target, outage);
        }
        else
        {
            LogConnected(target);
        }

        _attempted.TrySetResult();
    }

    void IClusterConnectionStatusObserver.NotifyGatewayCountChanged(int current, int previous, bool connectionRecovered)
    {
        // Started logs the first connection.
        if (current > 0 && _isStarted && _outage.End() is { } outage)
        {
            LogConnectedAgain(target, outage);
        }
    }

    void IClusterConnectionStatusObserver.NotifyClusterConnectionLost() => Failed("the connection was lost");

    [LoggerMessage(1520, LogLevel.Warning,
        "No connection to the order hub {Target}: {Problem}. Retrying until it is connected")]
    private partial void LogUnavailable(string target, string problem);

    [LoggerMessage(1521, LogLevel.Information, "Connected to the order hub {Target}")]
    private partial void LogConnected(string target);

    [LoggerMessage(1522, LogLevel.Information, "Connected to the order hub {Target} after an outage of {Outage}")]
    private partial void LogConnectedAgain(string target, TimeSpan outage);
}
