using Microsoft.Extensions.Logging;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Feeds;

/// <summary>
/// Reads events that the stream failed to deliver to an organization's grain, and forwards them to the watched orders.
/// Without it, an order whose only new event is missing would learn of it only at its front ends' next renewal. The
/// organization's own observers see the gap in the sequences and read the events themselves.
/// </summary>
/// <remarks>
/// Live events do not wait for the missed ones and may reach an order first. Then the order's front ends see the gap,
/// read the missing events from the log, and drop the events that this class forwards later. Gaps that appear while the
/// log cannot be read are merged into one. Used only from the organization grain's scheduler.
/// </remarks>
internal sealed partial class MissedEvents(
    string organizationId, IEventLog log, WatchedOrders watched, OrderForwarder orders, TimeProvider time,
    ILogger<MissedEvents> logger)
{
    private const int PageSize = 500;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private long _after;
    private long _through;
    private bool _isStopped;
    private Task _reading = Task.CompletedTask;

    /// <summary>Forwards the events after one sequence up to another one. Does not wait.</summary>
    public void Forward(long after, long through)
    {
        if (!watched.Any)
        {
            return;
        }

        _after = _reading.IsCompleted ? after : Math.Min(_after, after);
        _through = through;
        if (_reading.IsCompleted)
        {
            _reading = ReadAsync();
        }
    }

    /// <summary>Drops the gaps that have not been read yet.</summary>
    public void Clear() => _through = 0;

    /// <summary>Stops reading, because the grain is deactivated.</summary>
    public void Stop() => _isStopped = true;

    /// <summary>Never fails. Ends when nothing is left to read or the grain is deactivated.</summary>
    private async Task ReadAsync()
    {
        while (_after < _through && !_isStopped)
        {
            try
            {
                await ReadPageAsync();
            }
            catch (Exception e)
            {
                LogNotRead(organizationId, e.Message);
                await Task.Delay(RetryInterval, time);
            }
        }
    }

    private async Task ReadPageAsync()
    {
        var (after, through) = (_after, _through);
        var page = await log.ReadOrganizationAsync(organizationId, after, PageSize);
        if (_through == 0 || _isStopped)
        {
            return;
        }

        var missed = page.TakeWhile(e => e.Sequence <= through).Select(OrderEventJson.Encode).ToArray();
        if (missed.Length > 0)
        {
            orders.Forward(missed);
        }

        // If an earlier gap was found during the read, reading continues from that gap. An empty page means that
        // retention has removed the events.
        if (_after == after)
        {
            _after = missed.Length > 0 ? missed[^1].Sequence : through;
        }
    }

    [LoggerMessage(1213, LogLevel.Warning,
        "Events of organization {OrganizationId} that the stream failed to deliver could not be read: {Reason}. " +
        "Retrying")]
    private partial void LogNotRead(string organizationId, string reason);
}
