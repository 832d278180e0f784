using Microsoft.Extensions.Logging;
using Orleans.Streams;

namespace OrdersActors.Streaming;

/// <summary>
/// Tells Orleans which partitions this silo pulls: those that are its by <see cref="PartitionMap"/>. They move as soon as the silo
/// hears of a silo that came or went.
/// </summary>
internal sealed partial class PartitionBalancer(IServiceProvider services, PartitionMap map, ILogger<PartitionBalancer> logger)
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

    // Orleans calls this one after the other, and listens to the cluster again only when it returns.
    protected override void OnClusterMembershipChange(HashSet<SiloAddress> activeSilos) => _notifying = NotifyAsync(_notifying);

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

    [LoggerMessage(1110, LogLevel.Error, "The partitions could not be shared out anew; trying again in a second")]
    private partial void LogNotMoved(Exception exception);
}
