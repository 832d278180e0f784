using Microsoft.Extensions.Time.Testing;
using OrdersActors.Cluster.Appends;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Storage;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Cluster.Appends;

public sealed class AppendRouteTests
{
    private static readonly OrderStatusEvent[] Events = [new() { OrderId = "o-1", Status = "s" }];

    private readonly FakeTimeProvider _time = new();
    private readonly FakeCluster _cluster = new(2);
    private readonly List<string> _ownAppends = [];
    private readonly List<string> _homeAppends = [];
    private readonly List<HomeAppend[]> _sharedAppends = [];
    private readonly PartitionMap _map;
    private readonly AppendRoute _route;
    private readonly string _here;
    private readonly string _elsewhere;
    private readonly string _alsoElsewhere;
    private bool _knowsSharedCalls = true;
    private Func<Task<PublishedEvent[]>> _home = () => Task.FromResult(Answer(1));
    private Func<CancellationToken, Task> _own = _ => Task.CompletedTask;

    public AppendRouteTests()
    {
        var log = FakeLog.Create((method, arguments) =>
        {
            Assert.Equal(nameof(IEventLog.AppendAsync), method);
            _ownAppends.Add((string)arguments[0]!);
            return AppendAsync((CancellationToken)arguments[2]!);
        });
        var grains = FakeGrains.Create((grain, key, method, arguments) =>
        {
            Assert.Equal(typeof(IHomeAppendGrain), grain);
            if (method == nameof(IHomeAppendGrain.StoreAll))
            {
                var appends = (HomeAppend[])arguments[0]!;
                _sharedAppends.Add(appends);
                if (!_knowsSharedCalls)
                {
                    throw new TypeLoadException("StoreAll");
                }

                return Task.FromResult(Array.ConvertAll(appends, _ => new HomeAppendAnswer(Answer(3), Fault: null)));
            }

            _homeAppends.Add((string)key);
            return _home();
        });
        _map = new PartitionMap(_cluster, log);
        _route = new AppendRoute(log, _map, _cluster, grains, _time, new RecordingLogger<AppendRoute>());
        var organizations = Enumerable.Range(0, FakeLog.PartitionCount).Select(i => $"{i}").ToLookup(
            name => _map.HomeOf(name)!.Equals(_cluster.SiloAddress));
        (_here, _elsewhere) = (organizations[true].First(), organizations[false].First());
        _alsoElsewhere = organizations[false].Skip(1).First();
    }

    [Fact]
    public async Task Append_goes_to_the_home_silo_of_its_organization()
    {
        Assert.Equal(Answer(2), await _route.AppendAsync(_here, Events));
        Assert.Equal(Answer(1), await _route.AppendAsync(_elsewhere, Events));
        Assert.Equal([_here], _ownAppends);
        Assert.Equal([_elsewhere], _homeAppends);
    }

    [Fact]
    public async Task Appends_to_a_home_silo_share_calls_whatever_partition_they_are_of()
    {
        Assert.NotEqual(_map.PartitionOf(_elsewhere), _map.PartitionOf(_alsoElsewhere));
        Assert.Equal([Answer(1), Answer(1), Answer(3), Answer(3)], await AppendFourAsync());
        Assert.Equal(
            [_elsewhere, _alsoElsewhere], Assert.Single(_sharedAppends).Select(append => append.OrganizationId));
    }

    [Fact]
    public async Task Successor_of_a_home_silo_that_does_not_know_shared_calls_gets_them()
    {
        _knowsSharedCalls = false;
        await AppendFourAsync();
        await AppendFourAsync();
        Assert.Single(_sharedAppends);

        // It has another address.
        _cluster.Set(2, generation: 2);
        _knowsSharedCalls = true;
        Assert.Equal([Answer(1), Answer(1), Answer(3), Answer(3)], await AppendFourAsync());
        Assert.Equal(2, _sharedAppends.Count);
    }

    [Fact]
    public async Task Silo_appends_itself_if_the_home_silo_is_of_a_previous_version()
    {
        _home = () => throw new TypeLoadException("Store");
        Assert.Equal(Answer(2), await _route.AppendAsync(_elsewhere, Events));
        Assert.Equal(Answer(2), await _route.AppendAsync(_elsewhere, Events));
        Assert.Equal((2, 1), (_ownAppends.Count, _homeAppends.Count));
    }

    [Fact]
    public async Task Silo_appends_itself_if_no_silo_is_active()
    {
        _cluster.Set(0);
        await _route.AppendAsync(_elsewhere, Events);
        Assert.Equal([_elsewhere], _ownAppends);
        Assert.Empty(_homeAppends);
    }

    [Fact]
    public async Task Home_silo_that_does_not_answer_is_avoided_and_then_tried_by_one_append()
    {
        _home = () => throw new TimeoutException();
        await _route.AppendAsync(_elsewhere, Events);
        await _route.AppendAsync(_elsewhere, Events);
        Assert.Equal((2, 1), (_ownAppends.Count, _homeAppends.Count));

        // The attempt after five seconds fails as well, and the silo is avoided again.
        _time.Advance(TimeSpan.FromSeconds(5));
        await _route.AppendAsync(_elsewhere, Events);
        await _route.AppendAsync(_elsewhere, Events);
        Assert.Equal((4, 2), (_ownAppends.Count, _homeAppends.Count));

        // While one append tries the silo, the others still avoid it.
        var answer = new TaskCompletionSource<PublishedEvent[]>();
        _home = () => answer.Task;
        _time.Advance(TimeSpan.FromSeconds(5));
        var trying = _route.AppendAsync(_elsewhere, Events);
        await _route.AppendAsync(_elsewhere, Events);
        Assert.Equal((5, 3), (_ownAppends.Count, _homeAppends.Count));
        answer.SetResult(Answer(1));
        await trying;
        await _route.AppendAsync(_elsewhere, Events);
        Assert.Equal((5, 4), (_ownAppends.Count, _homeAppends.Count));
    }

    [Fact]
    public async Task Both_attempts_together_end_before_the_publisher_gives_up()
    {
        _home = async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2), _time);
            throw new TimeoutException();
        };
        _own = cancellationToken => Task.Delay(Timeout.Infinite, cancellationToken);
        var append = _route.AppendAsync(_elsewhere, Events);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.Holds(() => _ownAppends.Count == 1, () => "the silo did not append itself");
        _time.Advance(TimeSpan.FromSeconds(2.4));
        Assert.False(append.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => append);
    }

    [Fact]
    public async Task Refusal_by_the_home_silo_is_the_answer()
    {
        _home = () => throw new EventConflictException("e", 0, "o-1", "o-2", "order_id");
        await Assert.ThrowsAsync<EventConflictException>(() => _route.AppendAsync(_elsewhere, Events));
        Assert.Empty(_ownAppends);
        _home = () => Task.FromResult(Answer(1));
        await _route.AppendAsync(_elsewhere, Events);
        Assert.Equal((0, 2), (_ownAppends.Count, _homeAppends.Count));
    }

    /// <summary>Two appends are sent at once. Two others come while those have no answer.</summary>
    private async Task<PublishedEvent[][]> AppendFourAsync()
    {
        var answer = new TaskCompletionSource<PublishedEvent[]>();
        _home = () => answer.Task;
        var appends = new[] { _elsewhere, _elsewhere, _elsewhere, _alsoElsewhere }
            .Select(organization => _route.AppendAsync(organization, Events)).ToArray();
        answer.SetResult(Answer(1));
        return await Task.WhenAll(appends);
    }

    private static PublishedEvent[] Answer(long number) => [new($"e-{number}", number, number, IsRepeat: false)];

    private async Task<AppendedEvents> AppendAsync(CancellationToken cancellationToken)
    {
        await _own(cancellationToken);
        return new AppendedEvents([FakeLog.Event(2)]);
    }
}
