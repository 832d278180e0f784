using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.FrontEnd.Transport;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class KeyRevocationWatchTests
{
    [Fact]
    public async Task Only_connections_with_revoked_keys_are_closed_also_after_a_failed_check()
    {
        var time = new FakeTimeProvider();
        using var parts = new ConnectionParts(time);
        var (revoked, valid, anonymous) = (new TestSocket(), new TestSocket(), new TestSocket());
        Task[] running = [Run(parts, revoked, "revoked"), Run(parts, valid, "valid"), Run(parts, anonymous, null)];
        await Eventually.Holds(
            () => parts.Registry.All.Count(connection => connection.Identity is not null) == 2,
            () => "the clients did not authenticate");
        parts.Grains.RevokedKeys = ["revoked"];
        parts.Grains.Before = _ => Task.FromException(new TimeoutException("no answer"));
        using var watch = new KeyRevocationWatch(
            parts.Registry, parts.Grains.Factory, parts.Options, time, NullLogger<KeyRevocationWatch>.Instance);
        await watch.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.Holds(
            () =>
            {
                time.Advance(parts.Options.Value.KeyCheckInterval);
                return parts.Grains.Count(nameof(IAuthenticationGrain.FindRevoked)) > 0;
            },
            () => "the keys were not checked");
        parts.Grains.Before = null;
        await Eventually.Holds(
            () =>
            {
                time.Advance(parts.Options.Value.KeyCheckInterval);
                return revoked.CloseStatus == 1008;
            },
            () => "the connection was not closed");
        Assert.Equal((0, 0), (valid.CloseStatus, anonymous.CloseStatus));
        await watch.StopAsync(TestContext.Current.CancellationToken);
        revoked.End();
        valid.End();
        anonymous.End();
        await Task.WhenAll(running);
    }

    private static Task Run(ConnectionParts parts, TestSocket socket, string? key)
    {
        var connection = parts.Create(socket, () => { });
        parts.Registry.Add(connection);
        if (key is not null)
        {
            socket.Send(ClientFrame.Text($$$"""{"type":"connect","data":{"api_key":"{{{key}}}"}}"""));
        }

        return connection.RunAsync(TestContext.Current.CancellationToken);
    }
}
