using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace OrdersActors.Grains.Observers;

/// <summary>
/// The front ends that watch one grain. A registration is a lease: an observer that does not renew it is dropped, so a
/// dead front end soon costs nothing. Used by one thread at a time.
/// </summary>
internal sealed class ObserverLeases(
    FeedKey feed, OrderGrainOptions options, TimeProvider time, ILogger logger, LocalObservers locals)
{
    private readonly Dictionary<IOrderEventObserver, ObserverLease> _leases = [];
    private bool _hasEnded;

    /// <summary>The number of registrations, including those that have ended since the last event.</summary>
    public int Count => _leases.Count;

    /// <summary>Whether there are observers, and all of them are in this process.</summary>
    public bool AreLocal
    {
        get
        {
            foreach (var lease in _leases.Values)
            {
                if (!lease.IsLocal)
                {
                    return false;
                }
            }

            return _leases.Count > 0;
        }
    }

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

        ref var lease = ref CollectionsMarshal.GetValueRefOrAddDefault(_leases, observer, out _);
        if (lease is null or { IsDead: true })
        {
            lease = new ObserverLease(feed, observer, locals.Find(observer), head, options, time, logger);
        }

        lease.RenewedAt = time.GetTimestamp();
    }

    /// <summary>Ends a lease.</summary>
    public void Remove(IOrderEventObserver observer) => _leases.Remove(observer);

    /// <summary>Offers events, in order, to every observer.</summary>
    public void Offer(EncodedOrderEvent[] events)
    {
        if (_leases.Count == 0)
        {
            return;
        }

        var fitsOneCall = PendingEvents.FitsOneCall(events.Length, PendingEvents.SizeOf(events));
        foreach (var (observer, lease) in _leases)
        {
            if (lease.IsDead || lease.HasExpired)
            {
                // Removing while enumerating is allowed for dictionaries.
                _leases.Remove(observer);
            }
            else
            {
                lease.Offer(events, fitsOneCall);
            }
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
        var closing = _leases.Values.Select(lease => lease.CloseAsync()).ToArray();
        _leases.Clear();
        return Task.WhenAll(closing);
    }
}
