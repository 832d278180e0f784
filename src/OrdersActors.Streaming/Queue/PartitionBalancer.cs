using Microsoft.Extensions.Logging;
using OrdersActors.Cluster.Partitions;
using Orleans.Streams;

namespace OrdersActors.Streaming.Queue;

/// <summary>
/// Reports to Orleans the partitions that this silo must pull, according to <see cref="PartitionMap"/>. Partitions move
/// as soon as the silo learns that a silo joined or left.
/// </summary>
/// <remarks>
/// <b>Threads.</b> Orleans sets the mapper before it starts to listen for membership changes. One listener calls
/// <see cref="OnClusterMembershipChange"/>, one call at a time. The shutdown reads <c>_notifying</c> only after the
/// listener has ended, and awaiting the listener makes its last write visible. So the fields need no fence.
/// </remarks>
internal sealed partial class PartitionBalancer(
    IServiceProvider services, PartitionMap map, TimeProvider time, ILogger<PartitionBalancer> logger)
    : QueueBalancerBase(services, logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private IStreamQueueMapper? _mapper;
    private Task _notifying = Task.CompletedTask;

    public override Task Initialize(IStreamQueueMapper queueMapper)
    {
        _mapper = queueMapper;
        return base.Initialize(queueMapper);
    }

    public override async Task Shutdown()
    {
        await base.Shutdown();
        await _notifying;
    }

    public override IEnumerable<QueueId> GetMyQueues() => _mapper!.GetAllQueues()
        .Where(queue => SiloAddress.Equals(map.OwnerOf(PartitionQueueMapper.PartitionOf(queue)))).ToArray();

    protected override void OnClusterMembershipChange(HashSet<SiloAddress> activeSilos) =>
        _notifying = NotifyAsync(_notifying);

    /// <summary>Never fails. Ends after the notification or when the balancer is shut down.</summary>
    private async Task NotifyAsync(Task before)
    {
        await before;
        while (!Cancellation.IsCancellationRequested)
        {
            try
            {
                await NotifyListeners();
                return;
            }
            catch (Exception e)
            {
                LogNotMoved(e);
                await Task.Delay(RetryInterval, time, Cancellation)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(1110, LogLevel.Error,
        "The partitions could not be reassigned after a change of the cluster's members. Retrying in one second")]
    private partial void LogNotMoved(Exception exception);
}
