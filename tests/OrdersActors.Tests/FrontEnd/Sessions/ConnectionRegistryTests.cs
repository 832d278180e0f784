using Microsoft.Extensions.Time.Testing;
using OrdersActors.FrontEnd.Feeds;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Sessions;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Sessions;

public sealed class ConnectionRegistryTests : IDisposable
{
    private readonly ConnectionParts _parts = new(new FakeTimeProvider());

    private ConnectionRegistry Registry => _parts.Registry;

    public void Dispose() => _parts.Dispose();

    [Fact]
    public async Task All_connections_and_later_ones_are_closed_while_they_are_rejected()
    {
        var (first, socket) = Add();
        Registry.BeginRejecting(CloseReason.NoSilos);
        var (second, later) = Add();
        Assert.True(first.IsClosing && second.IsClosing);
        await ClosedAsync(socket, 1013);
        await ClosedAsync(later, 1013);
        Registry.EndRejecting();
        Assert.False(Add().Connection.IsClosing);
    }

    [Fact]
    public async Task Connection_that_is_added_after_the_stop_is_closed()
    {
        Registry.StopAccepting();
        Assert.True(Registry.IsStopping);
        await ClosedAsync(Add().Socket, 1001);
    }

    [Fact]
    public async Task Rewritten_history_closes_all_connections_but_no_later_one()
    {
        var (_, socket) = Add();
        await _parts.Hub.FollowAsync("a");
        await _parts.Hub.FollowAsync("b");
        await ClosedAsync(socket, 1012);
        Assert.False(Add().Connection.IsClosing);
    }

    [Fact]
    public void Removed_connection_is_not_closed()
    {
        var (connection, _) = Add();
        Registry.Remove(connection);
        ((IHistoryListener)Registry).OnHistoryRewritten();
        Assert.False(connection.IsClosing);
        Assert.Equal(0, Registry.Count);
    }

    private (Connection Connection, TestSocket Socket) Add()
    {
        var socket = new TestSocket();
        var connection = _parts.Create(socket, () => { });
        Registry.Add(connection);
        return (connection, socket);
    }

    private static Task ClosedAsync(TestSocket socket, int status) =>
        Eventually.Holds(() => socket.CloseStatus == status, () => $"the status is {socket.CloseStatus}");
}
