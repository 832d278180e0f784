using Orleans.Concurrency;

namespace OrdersActors.Grains.Cluster;

/// <summary>Answers what this silo knows of the others and of the event log.</summary>
[GrainType("cluster")]
[StatelessWorker, Reentrant]
internal sealed class ClusterGrain(ISiloStatusOracle silos, LogProbe log) : Grain, IClusterGrain
{
    public Task<string[]> GetSilos() => Task.FromResult(
        silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Select(silo => silo.ToParsableString()).ToArray());

    public Task<bool> IsLogAvailable() => Task.FromResult(log.IsAvailable);
}
