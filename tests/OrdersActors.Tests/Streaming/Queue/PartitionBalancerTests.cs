using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Streaming.Queue;
using OrdersActors.Tests.Support;
using Orleans.Streams;

namespace OrdersActors.Tests.Streaming.Queue;

public sealed class PartitionBalancerTests : IAsyncLifetime, IStreamQueueBalanceListener
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeCluster _cluster = new(2);
    private readonly RecordingLogger<PartitionBalancer> _logger = new();
    private readonly PartitionQueueMapper _mapper;
    private readonly PartitionMap _map;
    private readonly PartitionBalancer _balancer;
    private volatile bool _isFailing;
    private int _notified;

    public PartitionBalancerTests()
    {
        var log = FakeLog.Create();
        _map = new PartitionMap(_cluster, log);
        _mapper = new PartitionQueueMapper(log, "orders");
        var services = new ServiceCollection()
            .AddSingleton<IClusterMembershipService>(_cluster)
            .AddSingleton<ILocalSiloDetails>(_cluster)
            .BuildServiceProvider();
        _balancer = new PartitionBalancer(services, _map, _time, _logger);
        _balancer.SubscribeToQueueDistributionChangeEvents(this);
    }

    public async ValueTask InitializeAsync()
    {
        await _balancer.Initialize(_mapper);
        await Eventually.Holds(() => Notified == 1, () => "the first membership was not reported");
    }

    public async ValueTask DisposeAsync() => await _balancer.Shutdown();

    [Fact]
    public void Silo_pulls_the_partitions_that_it_owns()
    {
        var mine = _balancer.GetMyQueues().Select(PartitionQueueMapper.PartitionOf).ToArray();
        Assert.Equal(FakeLog.PartitionCount / 2, mine.Length);
        Assert.All(mine, partition => Assert.Equal(_cluster.SiloAddress, _map.OwnerOf(partition)));
    }

    [Fact]
    public async Task Change_of_the_membership_is_reported_and_changes_the_share()
    {
        _cluster.Set(1);
        await Eventually.Holds(() => Notified == 2, () => "the change was not reported");
        Assert.Equal(FakeLog.PartitionCount, _balancer.GetMyQueues().Count());
    }

    [Fact]
    public async Task Failed_report_is_retried_after_a_second()
    {
        _isFailing = true;
        _cluster.Set(1);
        await Eventually.Holds(() => _logger.Ids.Contains(1110), () => "the failure was not logged");
        _isFailing = false;
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(2, Notified);
        await Eventually.Holds(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(0.1));
                return Notified == 3;
            },
            () => "the report was not retried");
    }

    [Fact]
    public async Task Shutdown_ends_the_retries()
    {
        _isFailing = true;
        _cluster.Set(1);
        await Eventually.Holds(() => _logger.Ids.Contains(1110), () => "the failure was not logged");
        await _balancer.Shutdown();
    }

    Task IStreamQueueBalanceListener.QueueDistributionChangeNotification()
    {
        Interlocked.Increment(ref _notified);
        return _isFailing ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
    }

    private int Notified => Volatile.Read(ref _notified);
}
