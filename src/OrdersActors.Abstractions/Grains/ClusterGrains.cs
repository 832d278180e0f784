namespace OrdersActors;

/// <summary>Finds grains of a cluster whose silos may all be down or starting.</summary>
/// <remarks>
/// A client learns the cluster's grain types from its silos. If it reconnects while the last silo has left and the next
/// one is still joining, the list is empty, and <see cref="IGrainFactory"/> throws <see cref="ArgumentException"/>, as
/// if the grain did not exist. A caller must treat this case like any other lost connection.
/// </remarks>
public static class ClusterGrains
{
    /// <summary>Finds a grain with an integer key.</summary>
    /// <exception cref="ClusterUnknownException">No silo has reported its grains.</exception>
    public static T Find<T>(this IGrainFactory grains, long key)
        where T : IGrainWithIntegerKey
    {
        try
        {
            return grains.GetGrain<T>(key);
        }
        catch (ArgumentException e)
        {
            throw new ClusterUnknownException(e);
        }
    }

    /// <summary>Finds a grain with a string key.</summary>
    /// <exception cref="ClusterUnknownException">No silo has reported its grains.</exception>
    public static T Find<T>(this IGrainFactory grains, string key)
        where T : IGrainWithStringKey
    {
        try
        {
            return grains.GetGrain<T>(key);
        }
        catch (ArgumentException e)
        {
            throw new ClusterUnknownException(e);
        }
    }
}

/// <summary>No silo of the cluster has reported its grains yet. The same call succeeds when one has.</summary>
/// <param name="inner">What Orleans reported.</param>
public sealed class ClusterUnknownException(Exception inner)
    : OrleansException("no silo of the cluster has reported its grains yet", inner);
