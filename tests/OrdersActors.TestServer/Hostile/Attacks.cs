using System.Text;
using static OrdersActors.TestServer.Hostile.HostileSocket;

namespace OrdersActors.TestServer.Hostile;

/// <summary>
/// The attacks that the server must withstand with bounded memory and without delaying other clients.
/// </summary>
public static class Attacks
{
    /// <summary>The order whose events are replayed and pile up unread. It belongs to the demo organization.</summary>
    public const string Order = "hostile";

    private static readonly byte[] Pings = Repeat(Frame(0x89), 500);

    /// <summary>All attacks.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        new("slow-handshakes", 500, SlowHandshakeAsync),
        new("silent-after-handshake", 1000, SilentAsync),
        new("half-open", 500, HalfOpenAsync),
        new("endless-fragments", 20, (address, stop) => EndlessFragmentsAsync(address, [(byte)' '], stop)),
        new("endless-empty-fragments", 20, (address, stop) => EndlessFragmentsAsync(address, [], stop)),
        new("unfinished-messages", 500, UnfinishedAsync),
        new("ping-flood-reading", 20, (address, stop) => PingFloodAsync(address, isReading: true, stop)),
        new("ping-flood-unread", 20, (address, stop) => PingFloodAsync(address, isReading: false, stop)),
        new("errors-unread", 50, UnreadErrorsAsync),
        new("pongs-unread", 50, UnreadPongsAsync),
        new("events-unread", 50, UnreadEventsAsync),
        new("wrong-keys", 100, WrongKeysAsync),
        new("wrong-keys-new-connections", 50, WrongKeyAsync),
        new("random-subscribes", 100, RandomSubscribesAsync),
        new("replays", 50, ReplaysAsync),
    ];

    /// <summary>The attack with this name.</summary>
    public static Attack Get(string name) => All.Single(attack => attack.Name == name);

    private static async Task SlowHandshakeAsync(Uri address, CancellationToken stop)
    {
        using var socket = await ConnectAsync(address, stop);
        foreach (var one in Encoding.ASCII.GetBytes(Handshake))
        {
            await socket.SendAsync(new[] { one }, stop);
            await Task.Delay(500, stop);
        }
    }

    private static async Task SilentAsync(Uri address, CancellationToken stop)
    {
        using var socket = await OpenAsync(address, stop);
        await socket.ReadToEndAsync(stop);
    }

    private static async Task HalfOpenAsync(Uri address, CancellationToken stop)
    {
        using var socket = await ConnectedAsync(address, stop);
        // Neither answers pings nor reads. It would notice the end of the connection only by a failing send.
        await Task.Delay(TimeSpan.FromSeconds(60), stop);
    }

    private static async Task EndlessFragmentsAsync(Uri address, byte[] payload, CancellationToken stop)
    {
        using var socket = await ConnectedAsync(address, stop);
        await socket.SendAsync(Frame(0x01), stop);
        var fragments = Repeat(Frame(0x00, payload), 500);
        while (true)
        {
            await socket.SendAsync(fragments, stop);
        }
    }

    private static async Task UnfinishedAsync(Uri address, CancellationToken stop)
    {
        using var socket = await ConnectedAsync(address, stop);
        await socket.SendAsync(Frame(0x01, new byte[16_000]), stop);
        await socket.ReadToEndAsync(stop);
    }

    private static async Task PingFloodAsync(Uri address, bool isReading, CancellationToken stop)
    {
        using var socket = await OpenAsync(address, stop);
        var reading = isReading ? socket.ReadToEndAsync(stop) : Task.CompletedTask;
        try
        {
            while (true)
            {
                await socket.SendAsync(Pings, stop);
            }
        }
        finally
        {
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task UnreadErrorsAsync(Uri address, CancellationToken stop)
    {
        using var socket = await OpenAsync(address, stop);
        await SendUnreadAsync(socket, "{}", stop);
    }

    private static async Task UnreadPongsAsync(Uri address, CancellationToken stop)
    {
        using var socket = await ConnectedAsync(address, stop);
        await SendUnreadAsync(socket, """{"type":"ping"}""", stop);
    }

    private static async Task UnreadEventsAsync(Uri address, CancellationToken stop)
    {
        using var socket = await ConnectedAsync(address, stop);
        await socket.SendAsync(SeedClient.Resume(Order, 0), stop);
        await SendUnreadAsync(socket, """{"type":"ping"}""", stop);
    }

    private static async Task WrongKeysAsync(Uri address, CancellationToken stop)
    {
        using var socket = await OpenAsync(address, stop);
        while (true)
        {
            await socket.SendAsync(SeedClient.Connect($"guess-{Random.Shared.NextInt64():x}"), stop);
            await socket.ReadAsync(stop);
        }
    }

    private static async Task WrongKeyAsync(Uri address, CancellationToken stop)
    {
        using var socket = await OpenAsync(address, stop);
        await socket.SendAsync(SeedClient.Connect($"guess-{Random.Shared.NextInt64():x}"), stop);
        await socket.ReadAsync(stop);
    }

    private static async Task RandomSubscribesAsync(Uri address, CancellationToken stop)
    {
        using var socket = await ConnectedAsync(address, stop);
        while (true)
        {
            // 50 per second, which is the rate that a connection may send.
            await socket.SendAsync(SeedClient.Subscription("subscribe", $"random-{Random.Shared.NextInt64():x}"), stop);
            await socket.ReadAsync(stop);
            await Task.Delay(20, stop);
        }
    }

    private static async Task ReplaysAsync(Uri address, CancellationToken stop)
    {
        using var socket = await ConnectedAsync(address, stop);
        var reading = socket.ReadToEndAsync(stop);
        try
        {
            while (!reading.IsCompleted)
            {
                await socket.SendAsync(SeedClient.Resume(Order, 0), stop);
                await Task.Delay(20, stop);
                await socket.SendAsync(SeedClient.Subscription("unsubscribe", Order), stop);
                await Task.Delay(20, stop);
            }
        }
        finally
        {
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<HostileSocket> ConnectedAsync(Uri address, CancellationToken stop)
    {
        var socket = await OpenAsync(address, stop);
        await socket.SendAsync(SeedClient.Connect("demo-key"), stop);
        await socket.ReadAsync(stop);
        return socket;
    }

    /// <summary>Sends as fast as the rate limit permits, and never reads.</summary>
    private static async Task SendUnreadAsync(HostileSocket socket, string text, CancellationToken stop)
    {
        while (true)
        {
            await socket.SendAsync(text, stop);
            await Task.Delay(20, stop);
        }
    }

    private static byte[] Repeat(byte[] frame, int count) => [.. Enumerable.Repeat(frame, count).SelectMany(f => f)];
}
