using Microsoft.Extensions.Logging;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Feeds;

/// <summary>
/// Reads events that the stream has not brought to an organization's grain, and forwards them to the orders that are
/// watched. An order whose only news is among them would otherwise learn of it at its front ends' next renewal. The
/// organization's own observers see the hole in the sequences and read it themselves.
/// </summary>
/// <remarks>
/// Live events do not wait for it. They may reach an order first; then the order's front ends see the hole, read it,
/// and drop what comes from here. Holes that come while the log cannot be read are joined to one. Used only from the
/// organization grain's scheduler.
/// </remarks>
internal sealed partial class MissedEvents(
    string organizationId, IEventLog log, WatchedOrders watched, OrderForwarder orders, TimeProvider time,
    ILogger<MissedEvents> logger)
{
    private const int PageSize = 500;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private long _after;
    private long _through;
    private bool _hasLeft;
    private Task _reading = Task.CompletedTask;

    /// <summary>Forwards the events past one sequence up to another one. Does not wait.</summary>
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

    /// <summary>Forgets what has not been read.</summary>
    public void Clear() => _through = 0;

    /// <summary>Ends the reading; the grain is leaving.</summary>
    public void Leave() => _hasLeft = true;

    /// <summary>Never fails. It ends when there is nothing left to read or the grain has left.</summary>
    private async Task ReadAsync()
    {
        while (_after < _through && !_hasLeft)
        {
            try
            {
                await ReadPageAsync();
            }
            catch (Exception e)
            {
                LogNotRead(organizationId, e.Message);
                await Task.Delay(RetryPause, time);
            }
        }
    }

    private async Task ReadPageAsync()
    {
        var (after, through) = (_after, _through);
        var page = await log.ReadOrganizationAsync(organizationId, after, PageSize);
        if (_through == 0 || _hasLeft)
        {
            return;
        }

        var missed = page.TakeWhile(e => e.Sequence <= through).Select(OrderEventJson.Encode).ToArray();
        if (missed.Length > 0)
        {
            orders.Forward(missed);
        }

        // Meanwhile an earlier hole may have been found; then it is read again from there. An empty page means that the
        // log has let go.
        if (_after == after)
        {
            _after = missed.Length > 0 ? missed[^1].Sequence : through;
        }
    }

    [LoggerMessage(1213, LogLevel.Warning,
        "Events of organization {OrganizationId} that the stream has not brought could not be read: {Reason}; " +
        "trying again")]
    private partial void LogNotRead(string organizationId, string reason);
}
