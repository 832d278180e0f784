using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.FrontEnd.Transport;

namespace OrdersActors.FrontEnd.Sessions;

/// <content>How a connection ends: the closing handshake, faults, and what it gives back.</content>
internal sealed partial class Connection
{
    private async Task OnInputEndedAsync()
    {
        if (_isOverLimit && !IsClosing)
        {
            await CloseOverLimitAsync();
        }

        if (_reader.HasLeft)
        {
            OnLeft(exception: null);
        }
        else if (_reader.CloseStatus == 0)
        {
            await _reader.SkipAsync(new DrainPace(_drains, _time), _transport.Closed);
        }
        else if (Interlocked.Exchange(ref _isClosing, 1) == 0)
        {
            // The client closed first. Its status is sent back after all queued frames.
            ConnectionMetrics.CountLeft(_reader.CloseStatus);
            Outbound.Close([WebSocketFrame.Close(_reader.CloseStatus, "")], discardQueue: false);
        }
    }

    private async Task CloseOverLimitAsync()
    {
        // The server does not read now. So the client must not count as silent.
        _isHandling = true;
        await Task.Delay(CloseReason.TooManyMessagesDelay, _time, _transport.Closed)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Close(CloseReason.TooManyMessages);
    }

    private Task OnInputFailedAsync(Exception exception)
    {
        if (exception is UnacceptableFrameException fault)
        {
            var reason = CloseReason.Of(fault);
            Close(reason);
            return DrainAsync(reason);
        }

        if (IsTransportEnd(exception))
        {
            OnLeft(exception);
            return Task.CompletedTask;
        }

        LogFault(exception, Identity?.OrganizationId, RemoteAddress);
        Close(CloseReason.ServerFault);
        return DrainAsync(CloseReason.ServerFault);
    }

    private void OnLeft(Exception? exception)
    {
        if (!IsClosing)
        {
            ConnectionMetrics.CountLeft(status: 0);
        }

        LogTransportEnded(exception, RemoteAddress);
    }

    // After the frames that are queued, at most for the close timeout.
    private async Task EndAsync()
    {
        try
        {
            await _requests.Subscriptions.DisposeAsync();
            await Outbound.CompleteAsync(_closeTimeout, _time);
        }
        finally
        {
            _reader.Dispose();
            _registry.Remove(this);
            _slot.Dispose();
            _transport.Dispose();
        }
    }

    private static bool IsTransportEnd(Exception e) =>
        e is OperationCanceledException or IOException or SocketException;

    /// <summary>
    /// Reads and drops what the client sends until it has answered the close or a limit of <see cref="CloseReason"/> is
    /// reached. Closing a socket with unread data would reset it, and the client would not get the reason.
    /// </summary>
    private async Task DrainAsync(CloseReason reason)
    {
        try
        {
            if (reason.Status != CloseReason.ProtocolViolationStatus)
            {
                await _reader.SkipAsync(new DrainPace(_drains, _time), _transport.Closed);
                return;
            }

            using var linger = new CancellationTokenSource(CloseReason.ViolationLinger, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(linger.Token, _transport.Closed);
            await _reader.DiscardAsync(new DrainPace(_drains, _time), either.Token);
        }
        catch (Exception e) when (e is UnacceptableFrameException || IsTransportEnd(e))
        {
            LogTransportEnded(e, RemoteAddress);
        }
    }

    private void OnBroken(Exception e)
    {
        LogTransportEnded(e, RemoteAddress);
        Abort();
    }

    [LoggerMessage(1320, LogLevel.Debug, "The transport of a connection from {RemoteAddress} ended")]
    private partial void LogTransportEnded(Exception? exception, IPAddress? remoteAddress);

    [LoggerMessage(1321, LogLevel.Error,
        "A connection of {OrganizationId} from {RemoteAddress} failed and is closed with 1011")]
    private partial void LogFault(Exception exception, string? organizationId, IPAddress? remoteAddress);

    [LoggerMessage(1322, LogLevel.Debug, "Closing a connection from {RemoteAddress} with {Status}: {Reason}")]
    private partial void LogClosing(IPAddress? remoteAddress, int status, string reason);
}
