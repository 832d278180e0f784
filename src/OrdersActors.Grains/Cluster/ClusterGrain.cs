using Orleans.Concurrency;

namespace OrdersActors.Grains.Cluster;

/// <summary>Tells what the silo it is in knows of the others.</summary>
[GrainType("cluster")]
[StatelessWorker, Reentrant]
internal sealed class ClusterGrain(ISiloStatusOracle silos) : Grain, IClusterGrain
{
    public Task<string[]> GetSilos() => Task.FromResult(
        silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Select(silo => silo.ToParsableString()).ToArray());
}
