using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>
/// Reports to Orleans the partitions that this silo must pull, according to <see cref="PartitionMap"/>. Partitions move
/// as soon as the silo learns that a silo joined or left.
/// </summary>
internal sealed partial class PartitionBalancer(
    IServiceProvider services, PartitionMap map, ILogger<PartitionBalancer> logger)
    : QueueBalancerBase(services, logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

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

    // Orleans does not call this concurrently, and reads the next membership change only after it returns.
    protected override void OnClusterMembershipChange(HashSet<SiloAddress> activeSilos) =>
        _notifying = NotifyAsync(_notifying);

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
                await Task.Delay(RetryPause, Cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(1110, LogLevel.Error,
        "The partitions could not be reassigned after a change of the cluster's members. Retrying in one second")]
    private partial void LogNotMoved(Exception exception);
}
