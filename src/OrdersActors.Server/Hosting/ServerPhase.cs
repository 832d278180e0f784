namespace OrdersActors.Server.Hosting;

/// <summary>Whether the server starts, runs or stops. Written by the thread that starts it, read by every thread that logs.</summary>
internal sealed class ServerPhase
{
    private volatile Phase _current = Phase.Starting;

    public enum Phase
    {
        Starting,
        Running,
        Stopping,
    }

    public Phase Current => _current;

    /// <summary>Follows the host from the end of its start.</summary>
    public void Follow(IHostApplicationLifetime lifetime)
    {
        _current = Phase.Running;
        lifetime.ApplicationStopping.Register(() => _current = Phase.Stopping);
    }
}
