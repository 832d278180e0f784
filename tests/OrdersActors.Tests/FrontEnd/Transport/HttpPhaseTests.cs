using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.Tests.FrontEnd.Transport;

public sealed class HttpPhaseTests : IAsyncDisposable
{
    private readonly DefaultConnectionContext _connection = new() { Transport = new Duplex() };
    private readonly Heartbeat _heartbeat = new();
    private readonly List<string> _calls = [];

    public HttpPhaseTests() => _connection.Features.Set<IConnectionHeartbeatFeature>(_heartbeat);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public async Task WebSocket_is_served_after_http_has_ended()
    {
        await HttpPhase.RunAsync(_connection, connection =>
        {
            Upgrade(connection, "websocket");
            _calls.Add("http");
            return Task.CompletedTask;
        });
        Assert.Equal(["http", "websocket"], _calls);
    }

    [Fact]
    public async Task WebSocket_is_served_although_http_failed()
    {
        await Assert.ThrowsAsync<IOException>(() => HttpPhase.RunAsync(_connection, connection =>
        {
            Upgrade(connection, "websocket");
            throw new IOException();
        }));
        Assert.Equal(["websocket"], _calls);
    }

    [Fact]
    public async Task Heartbeats_reach_http_until_it_has_ended()
    {
        var beats = 0;
        await HttpPhase.RunAsync(_connection, connection =>
        {
            var feature = connection.Features.Get<IConnectionHeartbeatFeature>()!;
            feature.OnHeartbeat(state => beats += (int)state, 1);
            feature.OnHeartbeat(state => beats += (int)state, 10);
            _heartbeat.Beat();
            return Task.CompletedTask;
        });
        Assert.Equal(11, beats);
        _heartbeat.Beat();
        Assert.Equal(11, beats);
    }

    [Fact]
    public async Task Transport_that_connection_middleware_has_replaced_ends_with_http()
    {
        await HttpPhase.RunAsync(_connection, connection =>
        {
            Assert.NotNull(HttpPhase.Of(Request(connection)));
            connection.Transport = new Duplex();
            Assert.Null(HttpPhase.Of(Request(connection)));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Connection_without_heartbeats_has_no_phase()
    {
        _connection.Features.Set<IConnectionHeartbeatFeature>(null);
        await HttpPhase.RunAsync(_connection, connection =>
        {
            Assert.Null(HttpPhase.Of(Request(connection)));
            return Task.CompletedTask;
        });
    }

    private void Upgrade(ConnectionContext connection, string name) =>
        HttpPhase.Of(Request(connection))!.ContinueWith(() =>
        {
            _calls.Add(name);
            return Task.CompletedTask;
        });

    private static DefaultHttpContext Request(ConnectionContext connection) => new(connection.Features);

    private sealed class Duplex : IDuplexPipe
    {
        private readonly Pipe _pipe = new();

        public PipeReader Input => _pipe.Reader;

        public PipeWriter Output => _pipe.Writer;
    }

    private sealed class Heartbeat : IConnectionHeartbeatFeature
    {
        private readonly List<Action> _actions = [];

        public void OnHeartbeat(Action<object> action, object state) => _actions.Add(() => action(state));

        public void Beat() => _actions.ForEach(action => action());
    }
}
