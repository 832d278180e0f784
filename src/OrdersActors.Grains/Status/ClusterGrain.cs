using Orleans.Concurrency;
using OrdersActors.Grains.Epochs;
using OrdersActors.Storage;

namespace OrdersActors.Grains.Status;

/// <summary>
/// Answers with its silo's view of the cluster and of the log. Reentrant, so that a call that waits for the log delays
/// no other. It has no state, so all calls may interleave.
/// </summary>
[GrainType("cluster")]
[StatelessWorker, Reentrant]
internal sealed class ClusterGrain(ISiloStatusOracle silos, IEventLog log, LogEpochs epochs, LogProbe probe)
    : Grain, IClusterGrain
{
    public Task<string[]> GetSilos() => Task.FromResult(
        silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Select(silo => silo.ToParsableString()).ToArray());

    public Task<bool> IsLogAvailable() => Task.FromResult(probe.IsAvailable);

    public async Task<string> GetEpoch(string? known)
    {
        await epochs.IsCurrentAsync(known);
        return epochs.Current;
    }

    public async Task ReportBehind(FeedKey feed, string epoch, long number)
    {
        if (epochs.Current != epoch)
        {
            return;
        }

        // The event was committed before the report, so this read must see the event unless history was lost.
        var head = feed.IsOrganization
            ? (await log.GetOrganizationHeadAsync(feed.OrganizationId)).Sequence
            : (await log.GetOrderHeadAsync(feed.OrganizationId, feed.OrderId!))?.Version ?? 0;
        if (head < number)
        {
            await log.BeginEpochAsync(
                epoch, $"{feed} has {head} as its newest number, but a front end has passed on {number}");
        }
    }
}
