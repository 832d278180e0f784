namespace OrdersActors.Testing.Hosting;

/// <summary>The ports of a server on 127.0.0.1. A server keeps them over its restarts.</summary>
/// <param name="Web">The port for HTTP and WebSockets.</param>
/// <param name="Silo">The port for other silos.</param>
/// <param name="Gateway">The port for publishers over Orleans.</param>
internal sealed record ServerPorts(int Web, int Silo, int Gateway)
{
    public Uri Http => new($"http://127.0.0.1:{Web}");

    /// <summary>Chooses ports that are free at the moment.</summary>
    public static ServerPorts Choose() => new(FreePort.Choose(), FreePort.Choose(), FreePort.Choose());
}
