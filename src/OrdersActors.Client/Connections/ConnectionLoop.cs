using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrdersActors.Client.Feeds;

namespace OrdersActors.Client.Connections;

/// <summary>
/// Keeps the client connected while something is watched.
/// </summary>
/// <remarks>
/// <code>
///   waiting ──► connecting: credentials, socket, connect ──► connected: subscribe, events
///      ▲                          │ failed                        │ closed, or no answer
///      └──── back-off ◄───────────┴───────────────────────────────┘
/// </code>
/// Only <see cref="RunAsync"/> changes the fields; it runs once.
/// </remarks>
internal sealed partial class ConnectionLoop(
    OrdersClientOptions options, FeedTable feeds, OpenSocket open, TimeProvider time, Random random, ILogger logger,
    Action<OrdersClientState> stateChanged) : IDisposable
{
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromSeconds(1);

    private readonly Credentials _credentials = new(options, time);
    private readonly ILogger _logger = logger;
    private readonly BackOff _backOff = new(time, random);
    private OrdersClientException? _stopped;
    private long? _renewedAt;

    /// <summary>Runs until the client is disposed, or going on is pointless.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_stopped is null)
            {
                while (feeds.IsEmpty)
                {
                    await feeds.Watched.WaitAsync(cancellationToken);
                }

                stateChanged(OrdersClientState.Connecting);
                var delay = await ConnectAsync(cancellationToken);
                stateChanged(OrdersClientState.Waiting);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client was disposed.
        }
        catch (Exception e)
        {
            LogFault(e);
            _stopped = new OrdersClientException(
                OrdersClientException.Closed, $"The client failed: {e.Message}", inner: e);
        }

        var stopped = _stopped ?? new OrdersClientException(OrdersClientException.Closed, "The client was disposed.");
        feeds.Stop(() => new OrdersClientException(stopped.Code, stopped.Message, inner: stopped.InnerException));
        stateChanged(OrdersClientState.Closed);
    }

    public void Dispose() => _credentials.Dispose();

    /// <summary>Connects once, and returns the time until the next attempt when the connection has ended.</summary>
    private async Task<TimeSpan> ConnectAsync(CancellationToken cancellationToken)
    {
        using var activity = ClientActivity.Start(options.WebSocketAddress);
        try
        {
            var connect = await _credentials.GetAsync(cancellationToken);
            await using var socket = await OpenAsync(cancellationToken);
            using var session = new Session(
                socket, feeds, _credentials, connect, time, random, () => OnConnected(activity));
            var end = await session.RunAsync(cancellationToken);
            ClientActivity.Set(activity, end);
            return AfterSession(end, session.Token);
        }
        catch (OrdersClientException e)
        {
            return Stop(e);
        }
        catch (CredentialsException e)
        {
            return Failed(e.Message, TimeSpan.Zero, activity);
        }
        catch (SocketRefusedException e)
        {
            return Failed(e.Message, e.RetryAfter, activity);
        }
    }

    private async Task<IClientSocket> OpenAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(OpenTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await open(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SocketRefusedException("The server did not accept the connection in 10 s.", TimeSpan.Zero, e);
        }
    }

    private void OnConnected(Activity? activity)
    {
        _backOff.Succeeded();
        ClientActivity.SetConnected(activity);
        LogConnected(options.WebSocketAddress.Host);
        stateChanged(OrdersClientState.Connected);
    }

    private TimeSpan AfterSession(SessionEnd end, string? token)
    {
        switch (end.Kind)
        {
            case SessionEndKind.Idle:
                return TimeSpan.Zero;
            case SessionEndKind.Renewal:
                return AfterRenewal();
            case SessionEndKind.Unauthorized:
                return Stop(end.Reason!.ToException());
        }

        var reason = end.Reason;
        // A token that was accepted before may have been signed with a secret that has been replaced since.
        var isReplaced = reason?.Code == "invalid_token" && _credentials.WasAccepted(token);
        if (reason?.Code is "invalid_token" or "token_expired")
        {
            _credentials.Drop(token);
        }

        if (!isReplaced && Verdict.IsFinal(end.Status, reason, _credentials.HasTokens))
        {
            return Stop(end.Status == Verdict.Policy ? reason!.ToException() : new OrdersClientException(
                OrdersClientException.Protocol, $"The server closed the connection with {end}."));
        }

        return Failed($"the connection ended with {end}", reason?.RetryAfter ?? TimeSpan.Zero, activity: null);
    }

    private TimeSpan AfterRenewal()
    {
        var left = _renewedAt is { } at ? RenewalInterval - time.GetElapsedTime(at) : TimeSpan.Zero;
        left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        _renewedAt = time.GetTimestamp() + (long)(left.TotalSeconds * time.TimestampFrequency);
        LogRenewal();
        return left;
    }

    private TimeSpan Stop(OrdersClientException reason)
    {
        _stopped = reason;
        LogStopped(reason.Code, reason.Message);
        return TimeSpan.Zero;
    }

    private TimeSpan Failed(string reason, TimeSpan atLeast, Activity? activity)
    {
        ClientActivity.SetFailed(activity, reason);
        var delay = _backOff.Next();
        delay = delay > atLeast ? delay : atLeast;
        LogDisconnected(reason, delay);
        return delay;
    }

    [LoggerMessage(1800, LogLevel.Information, "Connected to {Host}. All watches continue after their positions")]
    private partial void LogConnected(string host);

    [LoggerMessage(1801, LogLevel.Warning,
        "Not connected: {Reason}. Connecting again in {Delay}; events that come meanwhile are received then")]
    private partial void LogDisconnected(string reason, TimeSpan delay);

    [LoggerMessage(1802, LogLevel.Error,
        "The client has stopped, because trying again would not help: {Code}, {Reason}. All watches have ended")]
    private partial void LogStopped(string code, string reason);

    [LoggerMessage(1803, LogLevel.Debug,
        "A watch needs events that this connection has delivered before, or cannot deliver in order. Reconnecting")]
    private partial void LogRenewal();

    [LoggerMessage(1804, LogLevel.Error, "The client failed unexpectedly. All watches have ended")]
    private partial void LogFault(Exception exception);
}
