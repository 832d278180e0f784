using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace OrdersActors;

/// <summary>Finds grains of a cluster whose silos may all be down or starting.</summary>
/// <remarks>
/// <para>A client learns the cluster's grain types from its silos. If it connects while no silo has joined, the list is
/// empty, and <see cref="IGrainFactory"/> throws <see cref="ArgumentException"/>, as if the grain did not exist. A
/// caller must treat this case like any other lost connection. If the silos leave later, a grain is still found, and
/// its calls fail.</para>
/// <para><see cref="IGrainFactory"/> reads the attributes of the interface by reflection in each call, which takes
/// several microseconds. So the first grain of an interface gives the types of all others.</para>
/// Thread-safe.
/// </remarks>
public static class ClusterGrains
{
    // The types are the same in all clusters, but only a factory that has found one knows that it exists.
    private static readonly ConditionalWeakTable<IGrainFactory, ConcurrentDictionary<Type, Types>> Known = [];

    /// <summary>Finds a grain with an integer key.</summary>
    /// <exception cref="ClusterUnknownException">No silo has reported its grains.</exception>
    public static T Find<T>(this IGrainFactory grains, long key)
        where T : IGrainWithIntegerKey =>
        grains.Find(GrainIdKeyExtensions.CreateIntegerKey(key), key, static (grains, key) => grains.GetGrain<T>(key));

    /// <summary>Finds a grain with a string key.</summary>
    /// <exception cref="ClusterUnknownException">No silo has reported its grains.</exception>
    public static T Find<T>(this IGrainFactory grains, string key)
        where T : IGrainWithStringKey =>
        grains.Find(IdSpan.Create(key), key, static (grains, key) => grains.GetGrain<T>(key));

    private static T Find<T, TKey>(this IGrainFactory grains, IdSpan id, TKey key, Func<IGrainFactory, TKey, T> find)
        where T : IAddressable
    {
        var known = Known.GetOrCreateValue(grains);
        if (known.TryGetValue(typeof(T), out var types))
        {
            return (T)grains.GetGrain(GrainId.Create(types.Grain, id), types.Interface);
        }

        try
        {
            var grain = find(grains, key);
            if (grain is GrainReference reference)
            {
                known[typeof(T)] = new Types(reference.GrainId.Type, reference.InterfaceType);
            }

            return grain;
        }
        catch (ArgumentException e)
        {
            throw new ClusterUnknownException(e);
        }
    }

    private sealed record Types(GrainType Grain, GrainInterfaceType Interface);
}

/// <summary>No silo of the cluster has reported its grains yet. The same call succeeds when one has.</summary>
/// <param name="inner">What Orleans reported.</param>
public sealed class ClusterUnknownException(Exception inner)
    : OrleansException("no silo of the cluster has reported its grains yet", inner);
