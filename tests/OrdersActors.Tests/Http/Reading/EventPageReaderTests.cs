using OrdersActors.FrontEnd.Limits;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Reading;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Http.Reading;

public sealed class EventPageReaderTests
{
    private static readonly FeedKey Order = new(FrontEndGrains.Organization, "o-1");

    private readonly FrontEndGrains _grains = new() { Head = 5 };

    [Fact]
    public async Task Page_ends_at_its_limit_and_names_the_next_one()
    {
        var page = await ReadAsync(new PageQuery(1, null, 2));
        Assert.Equal([2L, 3], page.Events.Select(e => e.Version));
        Assert.Equal(3, page.Next);
        Assert.Null((await ReadAsync(new PageQuery(3, null, 2))).Next);
    }

    [Fact]
    public async Task Page_after_the_newest_event_is_empty_without_a_read()
    {
        var page = await ReadAsync(new PageQuery(5, null, 10));
        Assert.Empty(page.Events);
        Assert.Null(page.Next);
        Assert.Equal(0, _grains.Count(nameof(IReplayGrain.Read)));
    }

    [Fact]
    public async Task Trimmed_events_are_reported()
    {
        _grains.Earliest = 4;
        var page = await ReadAsync(new PageQuery(1, null, 10));
        Assert.Equal(4, page.Start.Earliest);
        Assert.Equal([4L, 5], page.Events.Select(e => e.Version));
    }

    [Fact]
    public async Task Events_that_are_trimmed_between_the_two_reads_are_reported()
    {
        _grains.Before = method =>
        {
            _grains.Earliest = method == nameof(IReplayGrain.Read) ? 4 : _grains.Earliest;
            return Task.CompletedTask;
        };
        var page = await ReadAsync(new PageQuery(0, null, 10));
        Assert.Equal(4, page.Start.Earliest);
        Assert.Equal([4L, 5], page.Events.Select(e => e.Version));
    }

    [Fact]
    public async Task Page_never_mixes_two_epochs()
    {
        // The bounds are those of the new epoch, the events those of the old one.
        _grains.LogEpoch = "epoch-2";
        var problem = await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(new PageQuery(0, null, 10)));
        Assert.Equal(503, problem.Status);
        Assert.NotNull(problem.RetryAfter);
    }

    [Fact]
    public async Task Unreachable_silo_is_unavailable_and_a_missing_order_is_not_found()
    {
        _grains.IsMissing = true;
        Assert.Equal(
            404, (await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(new PageQuery(0, null, 1)))).Status);
        _grains.Before = _ => throw new TimeoutException();
        Assert.Equal(
            503, (await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(new PageQuery(0, null, 1)))).Status);
    }

    [Fact]
    public async Task Newest_event_of_an_order_without_kept_events_is_not_found()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(5, (await Reader().ReadNewestAsync(Order, cancellation)).Version);
        _grains.Earliest = 6;
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Reader().ReadNewestAsync(Order, cancellation));
        Assert.Equal(404, problem.Status);
    }

    private Task<EventPage> ReadAsync(PageQuery query) =>
        Reader().ReadAsync(Order, query, TestContext.Current.CancellationToken);

    private EventPageReader Reader() =>
        new(new LogReader(_grains.Factory, new FrontEndLimiters(TimeProvider.System)));
}
