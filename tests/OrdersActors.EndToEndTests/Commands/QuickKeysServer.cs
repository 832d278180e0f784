using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>
/// A server that the tests of a class share. It checks its keys and stores their uses every second, so a change of a
/// key takes effect soon.
/// </summary>
public sealed class QuickKeysServer : IAsyncLifetime
{
    public ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync(new ServerSettings
    {
        Variables =
        {
            ["OrdersActors__FrontEnd__KeyCheckInterval"] = "00:00:01",
            ["OrdersActors__Authentication__KeyCacheTime"] = "00:00:01",
            ["OrdersActors__Authentication__KeyUseInterval"] = "00:00:01",
        },
    });

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
