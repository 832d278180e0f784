using Microsoft.Extensions.Logging;

namespace OrdersActors.Grains.Observers;

/// <summary>
/// The front ends that watch one grain. A registration is a lease: an observer that does not renew it is dropped, so a
/// dead front end soon costs nothing. Used by one thread at a time.
/// </summary>
internal sealed class ObserverLeases(
    FeedKey feed, OrderGrainOptions options, TimeProvider time, ILogger logger, LocalObservers locals,
    NotificationLanes lanes)
{
    // A front end has one observer for a feed, so there are few, and most orders have one. The array is replaced and
    // never changed.
    private ObserverLease[] _leases = [];
    private bool _hasEnded;

    /// <summary>The number of registrations, including those that have ended since the last event.</summary>
    public int Count => _leases.Length;

    /// <summary>
    /// Registers an observer that knows all events up to <paramref name="head"/>, or renews its lease. A renewal does
    /// not change the last number that was offered to it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The grain has left: it would never notify the observer.</exception>
    public void Renew(IOrderEventObserver observer, long head)
    {
        if (_hasEnded)
        {
            throw new InvalidOperationException($"the grain of {feed} is leaving its silo; register again");
        }

        if (Array.Find(_leases, lease => lease.IsOf(observer)) is { IsDead: false } known)
        {
            known.RenewedAt = time.GetTimestamp();
            return;
        }

        Remove(observer);
        var local = locals.Find(observer);
        Replace([.. _leases, new ObserverLease(feed, observer, local, lanes, head, options, time, logger)]);
    }

    /// <summary>Ends a lease.</summary>
    public void Remove(IOrderEventObserver observer) =>
        Replace(Array.FindAll(_leases, lease => !lease.IsOf(observer)));

    /// <summary>Offers events, in order, to every observer.</summary>
    public void Offer(EncodedOrderEvent[] events)
    {
        if (_leases.Length == 0)
        {
            return;
        }

        var fitsOneCall = PendingEvents.FitsOneCall(events.Length, PendingEvents.SizeOf(events));
        var hasEnded = false;
        foreach (var lease in _leases)
        {
            if (lease.HasEnded)
            {
                hasEnded = true;
            }
            else
            {
                lease.Offer(events, fitsOneCall);
            }
        }

        if (hasEnded)
        {
            Replace(Array.FindAll(_leases, static lease => !lease.HasEnded));
        }
    }

    /// <summary>
    /// Ends all leases for good, because the grain is deactivated. A registration that still waits for the log then
    /// fails instead of being confirmed by a grain that is gone.
    /// </summary>
    public Task EndAsync()
    {
        _hasEnded = true;
        return CloseAsync();
    }

    /// <summary>Ends all leases and notifies their front ends, which register again.</summary>
    public Task CloseAsync()
    {
        var closing = Array.ConvertAll(_leases, lease => lease.CloseAsync());
        Replace([]);
        return Task.WhenAll(closing);
    }

    private void Replace(ObserverLease[] leases)
    {
        LeaseMetrics.Add(feed, leases.Length - _leases.Length);
        _leases = leases;
    }
}
