using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains;
using OrdersActors.Grains.Feeds;
using OrdersActors.Grains.Observers;
using OrdersActors.Storage;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Grains.Feeds;

public sealed class MissedEventsTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger<MissedEvents> _logger = new();
    private readonly List<long> _forwarded = [];
    private readonly List<long> _reads = [];
    private readonly MissedEvents _missed;
    private Func<long, Task<IReadOnlyList<OrderEvent>>> _read;

    public MissedEventsTests()
    {
        // The log has ten events, and a page of it three.
        _read = after => Page(Numbers(after + 1, Math.Min(after + 3, 10)));
        var log = FakeLog.Create((method, arguments) =>
        {
            Assert.Equal(nameof(IEventLog.ReadOrganizationAsync), method);
            _reads.Add((long)arguments[1]!);
            return _read((long)arguments[1]!);
        });
        var grains = FakeGrains.Create((_, _, _, arguments) =>
        {
            _forwarded.AddRange(((EncodedOrderEvent[])arguments[1]!).Select(e => e.Sequence));
            return Task.CompletedTask;
        });
        var watched = new WatchedOrders(Lease, _time);
        var forwarder = new OrderForwarder(
            "shop", watched, new LocalOrders(new LocalObservers([])), new OrderGrainOptions(), grains, _time,
            new RecordingLogger<OrderForwarder>());
        _missed = new MissedEvents("shop", log, watched, forwarder, _time, _logger);
    }

    [Fact]
    public void Events_of_a_gap_are_read_page_by_page_and_forwarded()
    {
        _missed.Forward(2, 7);
        Assert.Equal(Numbers(3, 7), _forwarded);
        Assert.Equal([2L, 5L], _reads);
    }

    [Fact]
    public void Nothing_is_read_while_no_order_is_watched()
    {
        _time.Advance(Lease);
        _missed.Forward(2, 7);
        Assert.Empty(_reads);
    }

    [Fact]
    public void Events_that_retention_has_removed_are_not_waited_for()
    {
        _read = _ => Page([]);
        _missed.Forward(2, 7);
        Assert.Equal([2L], _reads);
        Assert.Empty(_forwarded);
    }

    [Fact]
    public async Task Failed_read_is_retried_every_second_and_later_gaps_join()
    {
        var read = _read;
        _read = _ => Task.FromException<IReadOnlyList<OrderEvent>>(new EventLogUnavailableException("test"));
        _missed.Forward(4, 5);
        _missed.Forward(7, 8);
        Assert.Contains(1213, _logger.Ids);
        _read = read;
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal([4L], _reads);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await Eventually.Equal(Numbers(5, 8), () => _forwarded);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Page_that_arrives_after_the_end_of_the_epoch_or_of_the_grain_is_dropped(bool isStopped)
    {
        var page = new TaskCompletionSource<IReadOnlyList<OrderEvent>>();
        _read = _ => page.Task;
        _missed.Forward(0, 3);
        if (isStopped)
        {
            _missed.Stop();
        }
        else
        {
            _missed.Clear();
        }

        page.SetResult([FakeLog.Event(1)]);
        Assert.Empty(_forwarded);
        Assert.Single(_reads);
    }

    private static Task<IReadOnlyList<OrderEvent>> Page(IEnumerable<long> numbers) =>
        Task.FromResult<IReadOnlyList<OrderEvent>>([.. numbers.Select(number => FakeLog.Event(number))]);
}
