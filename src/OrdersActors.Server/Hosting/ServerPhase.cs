namespace OrdersActors.Server.Hosting;

/// <summary>
/// Whether the server starts, runs or stops. The threads that start and stop the host write it; every thread that logs
/// reads it. The field is volatile because there is no lock.
/// </summary>
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

    /// <summary>Follows the host. Must be called when its start has completed.</summary>
    public void Follow(IHostApplicationLifetime lifetime)
    {
        _current = Phase.Running;
        lifetime.ApplicationStopping.Register(() => _current = Phase.Stopping);
    }
}
