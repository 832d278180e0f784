using System.Text.Json;
using OrdersActors.Client.Feeds;
using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Connections;

/// <summary>
/// One connection, from the first connect to its end. It never comes back; <see cref="ConnectionLoop"/> opens the next.
/// </summary>
/// <remarks>
/// <code>
///   read:  socket ──► reply: to its request │ event ──► Deliverer ──► watches
///   write: connect, ping, FeedTable.NextRequest ──► RequestSender ──► socket
///   watch: Liveness │ TokenRenewal │ deadline of the connect
/// </code>
/// Four tasks. The first that ends ends the session; <see cref="RunAsync"/> awaits all of them.
/// </remarks>
internal sealed class Session : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(5);

    private readonly IClientSocket _socket;
    private readonly FeedTable _feeds;
    private readonly Credentials _credentials;
    private readonly CancellationTokenSource _ended = new();
    private readonly PendingRequests _requests = new();
    private readonly Deliverer _deliverer;
    private readonly Subscriber _subscriber;
    private readonly TokenRenewal _renewal;
    private readonly Liveness _liveness;
    private readonly Alarm _deadline;
    private readonly Alarm _idle;
    private readonly RequestSender _sender;
    private readonly Action _connected;
    private RequestData? _connect;
    private string? _token;
    private ServerError? _reason;
    private SessionEnd? _end;
    private volatile bool _mustPing;
    private volatile bool _isConnected;

    public Session(
        IClientSocket socket, FeedTable feeds, Credentials credentials, RequestData connect, TimeProvider time,
        Random random, Action connected)
    {
        (_socket, _feeds, _credentials, _connect) = (socket, feeds, credentials, connect);
        _connected = connected;
        _deliverer = new Deliverer(feeds, time);
        _subscriber = new Subscriber(feeds, time, random);
        _renewal = new TokenRenewal(time, random);
        _liveness = new Liveness(time, Ping, () => _requests.Count > 1);
        _deadline = new Alarm(time, () => End(SessionEnd.Fault("The server did not answer the connect.")));
        _idle = new Alarm(time, EndIfIdle);
        _sender = new RequestSender(socket, _requests, time);
    }

    /// <summary>The token of the newest connect; null without tokens.</summary>
    public string? Token => _token;

    /// <summary>Runs until the session ends. Faults are ends, too.</summary>
    /// <exception cref="OperationCanceledException">The client stops.</exception>
    public async Task<SessionEnd> RunAsync(CancellationToken stopping)
    {
        using var registration = stopping.Register(_ended.Cancel);
        await Task.WhenAll(
            RunUntilEndAsync(ReadAsync), RunUntilEndAsync(WriteAsync), RunUntilEndAsync(RenewAsync),
            RunUntilEndAsync(WatchLivenessAsync));
        // A timer may still call End: from now on it does nothing.
        End(SessionEnd.Idle);
        _feeds.Begin(isConnected: false);
        stopping.ThrowIfCancellationRequested();
        return _end!;
    }

    public void Dispose()
    {
        _deadline.Dispose();
        _idle.Dispose();
        _subscriber.Dispose();
        _renewal.Dispose();
        _ended.Dispose();
    }

    private async Task RunUntilEndAsync(Func<CancellationToken, Task> run)
    {
        try
        {
            await run(_ended.Token);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The session has ended.
        }
        catch (Exception e)
        {
            End(SessionEnd.Fault(e.Message));
        }
    }

    // The first reason counts. The others follow from it.
    private void End(SessionEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null)
        {
            _ended.Cancel();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await _socket.ReceiveAsync(cancellationToken);
            if (message.CloseStatus is { } status)
            {
                End(new SessionEnd(SessionEndKind.Failure, status, _reason));
                return;
            }

            _liveness.Heard();
            await HandleAsync(ClientJson.Read(message.Text.Span), message.Text.Length, cancellationToken);
            _liveness.Heard();
        }
    }

    private async Task HandleAsync(ServerMessage message, int size, CancellationToken cancellationToken)
    {
        var data = message.Data;
        switch (message.Type)
        {
            case "event":
                var update = data.ToUpdate() ?? throw new JsonException("An event of the server lacks a field.");
                Require(await _deliverer.DeliverAsync(update, size, cancellationToken));
                break;
            case var _ when message.Id is { } id && _requests.Find(id) is { } request:
                await OnReplyAsync(id, request, message, cancellationToken);
                break;
            case "error" when data.Code == "rate_limited":
                // The server did not read the message, so it cannot say which one it was. On a new connection all
                // requests are made again.
                End(new SessionEnd(SessionEndKind.Failure, Reason: data.ToError()));
                break;
            case "error":
                _reason = data.ToError();
                break;
            case "expiring" when _credentials.HasTokens && data.ExpiresAt is { } end:
                _renewal.Expiring(end);
                break;
            case "subscription" when data.Status == "unsubscribed" && _feeds.FindFeed(data.OrderId) is { } feed:
                _feeds.Refuse(feed, new ServerError("access_denied", "The new token does not cover it.", data.OrderId));
                break;
        }
    }

    private async Task OnReplyAsync(
        long id, PendingRequest request, ServerMessage reply, CancellationToken cancellationToken)
    {
        if (request.Connect is { } connect)
        {
            _requests.Remove(id);
            OnConnectReply(connect, reply);
            return;
        }

        var confirmed = _subscriber.OnReply(request.Feeds, reply);
        if (request.Feeds.Count == 0)
        {
            _requests.Remove(id);
        }

        Require(confirmed is null || await _deliverer.DeliverHeldAsync(confirmed, cancellationToken));
    }

    private void OnConnectReply(RequestData connect, ServerMessage reply)
    {
        _deadline.Clear();
        if (reply.Type == "error")
        {
            OnConnectRefused(reply.Data.ToError());
            return;
        }

        _credentials.Accept(connect.Token);
        _renewal.Connected(_credentials.HasTokens ? reply.Data.ExpiresAt : null);
        if (!_isConnected)
        {
            _isConnected = true;
            _feeds.Begin(isConnected: true);
            _connected();
        }
    }

    private void OnConnectRefused(ServerError error)
    {
        var isFinal = Verdict.IsFinal(Verdict.Policy, error, _credentials.HasTokens)
            && !(error.Code == "invalid_token" && _credentials.WasAccepted(_token));
        if (!_isConnected || isFinal)
        {
            End(new SessionEnd(SessionEndKind.Failure, Verdict.Policy, error));
        }
        else
        {
            _renewal.Failed(error.RetryAfter);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (Next() is var (message, feeds))
            {
                await _sender.SendAsync(message, feeds, cancellationToken);
            }

            if (_isConnected && _feeds.MustRenew)
            {
                End(SessionEnd.Renewal);
            }

            _idle.Set(_feeds.IsEmpty ? IdleTimeout : Timeout.InfiniteTimeSpan);
            await _feeds.Changed.WaitAsync(cancellationToken);
        }
    }

    private (ClientMessage Message, List<Feed> Feeds)? Next()
    {
        if (Interlocked.Exchange(ref _connect, null) is { } connect)
        {
            _token = connect.Token;
            _deadline.Set(ConnectTimeout);
            return (new ClientMessage("connect", connect), []);
        }

        if (_mustPing)
        {
            _mustPing = false;
            return (new ClientMessage("ping"), []);
        }

        return _isConnected ? _feeds.NextRequest() : null;
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _renewal.WaitAsync(cancellationToken);
            try
            {
                Volatile.Write(ref _connect, await _credentials.RenewAsync(_token, cancellationToken));
                _feeds.Changed.Set();
            }
            catch (CredentialsException)
            {
                // The connection lives until the token ends, and the back-off tries again. If it ends, the next
                // connection reports the reason.
                _renewal.Failed();
            }
            catch (OrdersClientException e)
            {
                End(new SessionEnd(SessionEndKind.Unauthorized, Reason: new ServerError(e.Code, e.Message)));
            }
        }
    }

    private async Task WatchLivenessAsync(CancellationToken cancellationToken)
    {
        await _liveness.WaitForDeathAsync(cancellationToken);
        End(SessionEnd.Fault("The server did not answer a ping."));
    }

    private void Ping()
    {
        _mustPing = true;
        _feeds.Changed.Set();
    }

    private void EndIfIdle()
    {
        if (_feeds.IsEmpty)
        {
            End(SessionEnd.Idle);
        }
    }

    private void Require(bool isComplete)
    {
        if (!isComplete)
        {
            End(SessionEnd.Fault("An event is missing. It comes again on the next connection."));
        }
    }
}
