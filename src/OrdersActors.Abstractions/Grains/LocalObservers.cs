using System.Collections.Concurrent;

namespace OrdersActors;

/// <summary>
/// The observers of the front end in this process. A grain on the same silo calls them directly. So an event reaches
/// its connections on the thread that brings it to the grain, without the two messages of a call and its answer.
/// </summary>
/// <remarks>
/// If outgoing grain calls are filtered, nothing is found, because a filter must see every call. Thread-safe.
/// </remarks>
internal sealed class LocalObservers(IEnumerable<IOutgoingGrainCallFilter> filters)
{
    private readonly ConcurrentDictionary<GrainId, ILocalObserver> _observers = new();

    /// <summary>Whether grains may pass on events in this process without a grain call.</summary>
    public bool IsEnabled { get; } = !filters.Any();

    /// <summary>Adds an observer and the reference through which grains know it.</summary>
    public void Add(IOrderEventObserver reference, ILocalObserver observer)
    {
        if (IsEnabled && reference is GrainReference known)
        {
            _observers[known.GrainId] = observer;
        }
    }

    /// <summary>Removes an observer. Grains that have found it before may still call it.</summary>
    public void Remove(IOrderEventObserver reference)
    {
        if (reference is GrainReference known)
        {
            _observers.TryRemove(known.GrainId, out _);
        }
    }

    /// <summary>The observer of a reference; null if it is in another process.</summary>
    public ILocalObserver? Find(IOrderEventObserver reference) =>
        reference is GrainReference known ? _observers.GetValueOrDefault(known.GrainId) : null;
}
