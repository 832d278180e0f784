using OrdersActors.Cluster.Appends;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Cluster.Appends;

public sealed class HomeAppendLaneTests
{
    private readonly HomeAppendLane _lane;
    private readonly List<Call> _calls = [];

    public HomeAppendLaneTests() => _lane = new HomeAppendLane(FakeGrains.Create((_, key, method, arguments) =>
    {
        var call = method == nameof(IHomeAppendGrain.StoreAll)
            ? new Call((string)key, (HomeAppend[])arguments[0]!, IsShared: true)
            : new Call((string)key, [new HomeAppend((string)key, (OrderStatusEvent[])arguments[0]!)], IsShared: false);
        lock (_calls)
        {
            _calls.Add(call);
        }

        return call.Task;
    }), TimeProvider.System);

    [Fact]
    public async Task Two_appends_are_sent_at_once_and_all_that_come_meanwhile_share_the_next_call()
    {
        var appends = StoreAll("a", "b", "c", "d", "c");
        Assert.Equal(["a", "b"], _calls.Select(call => call.Organizations));
        Assert.All(_calls, call => Assert.False(call.IsShared));

        _calls[0].Answer();
        await CalledAsync(3);
        Assert.Equal(("c", "c d c", true), (_calls[2].Key, _calls[2].Organizations, _calls[2].IsShared));
        _calls[2].Answer();
        _calls[1].Answer();
        Assert.Equal(["a-0", "b-0", "c-0", "d-1", "c-2"], await IdsAsync(appends));

        // Nothing waits, so the next appends are sent at once again.
        appends = StoreAll("e", "f");
        Assert.Equal(5, _calls.Count);
        _calls[3].Answer();
        _calls[4].Answer();
        Assert.Equal(["e-0", "f-0"], await IdsAsync(appends));
    }

    [Fact]
    public async Task Append_that_waited_alone_is_sent_alone()
    {
        var appends = StoreAll("a", "b", "c");
        _calls[1].Answer();
        await CalledAsync(3);
        Assert.False(_calls[2].IsShared);
        _calls[0].Answer();
        _calls[2].Answer();
        Assert.Equal(["a-0", "b-0", "c-0"], await IdsAsync(appends));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Refusal_of_an_append_is_the_answer_of_no_other(int refused)
    {
        var appends = StoreAll("a", "b", "c", "d");
        _calls[0].Answer();
        await CalledAsync(3);
        var later = StoreAll("e")[0];
        _calls[2].Answer(refused, new EventConflictException("e", 0, "o-1", "o-2", "order_id"));
        await Assert.ThrowsAsync<EventConflictException>(() => appends[2 + refused]);
        Assert.Equal([$"{"dc"[refused]}-{1 - refused}"], await IdsAsync(appends[3 - refused]));

        // The turn is passed on.
        await CalledAsync(4);
        _calls[3].Answer();
        _calls[1].Answer();
        Assert.Equal(["a-0", "b-0", "e-0"], await IdsAsync(appends[0], appends[1], later));
    }

    [Fact]
    public async Task Refusal_of_an_append_that_was_sent_alone_is_the_answer_of_no_other()
    {
        var appends = StoreAll("a", "b", "c");
        _calls[0].Fail(new InvalidOrderEventException("status", "must not be empty"));
        await Assert.ThrowsAsync<InvalidOrderEventException>(() => appends[0]);
        await CalledAsync(3);
        _calls[1].Answer();
        _calls[2].Answer();
        Assert.Equal(["b-0", "c-0"], await IdsAsync(appends[1..]));
    }

    [Fact]
    public async Task Call_without_an_answer_fails_all_appends_that_wait_so_that_their_silo_makes_them()
    {
        var appends = StoreAll("a", "b", "c", "d");
        _calls[0].Answer();
        await CalledAsync(3);
        var waiting = StoreAll("e", "f");
        _calls[2].Fail(new TimeoutException());
        foreach (var append in (Task[])[appends[2], appends[3], .. waiting])
        {
            await Assert.ThrowsAsync<TimeoutException>(() => append);
        }

        // The other call is still under way. The lane takes appends again.
        var next = StoreAll("g", "h");
        Assert.Equal(4, _calls.Count);
        _calls[1].Answer();
        await CalledAsync(5);
        _calls[3].Answer();
        _calls[4].Answer();
        Assert.Equal(["a-0", "b-0", "g-0", "h-0"], await IdsAsync([appends[0], appends[1], .. next]));
    }

    [Fact]
    public async Task Home_silo_of_a_previous_version_gets_each_append_alone()
    {
        var appends = StoreAll("a", "b", "c", "d");
        _calls[0].Answer();
        await CalledAsync(3);
        _calls[2].Fail(new TypeLoadException("StoreAll"));
        await CalledAsync(5);
        Assert.Equal(["c", "d"], _calls[3..].Select(call => call.Organizations).Order());
        var later = StoreAll("e", "f");
        Assert.Equal(["e", "f"], _calls[5..].Select(call => call.Organizations));
        Assert.Equal(1, _calls.Count(call => call.IsShared));
        _calls.ForEach(call => call.Answer());
        Assert.Equal(["a-0", "b-0", "c-0", "d-0", "e-0", "f-0"], await IdsAsync([.. appends, .. later]));
    }

    [Fact]
    public async Task Waiting_appends_are_bounded_in_bytes_and_so_is_a_call()
    {
        var large = new OrderStatusEvent
        {
            OrderId = "o",
            Status = "s",
            Details = new string('x', HomeAppendLane.MaxCallBytes / 8),
        };
        var appends = Enumerable.Range(0, 40).Select(i => _lane.StoreAsync($"{i}", [large])).ToArray();
        // Each has a quarter of a call's bytes. Two are sent at once, and the bound is reached after 15 more.
        var overflow = _calls.Count - 2;
        Assert.InRange(overflow, 20, 25);
        for (var i = 0; i < _calls.Count; i++)
        {
            var call = _calls[i];
            Assert.InRange(call.Appends.Length, 1, 4);
            call.Answer();
            if (!appends.All(append => append.IsCompleted))
            {
                await Eventually.Holds(
                    () => _calls.Count > i + 1 || appends.All(append => append.IsCompleted), () => "no next call");
            }
        }

        await Task.WhenAll(appends);
        Assert.Equal(40, _calls.Sum(call => call.Appends.Length));
        Assert.InRange(_calls.Count(call => call.IsShared), 4, 6);
    }

    private Task<PublishedEvent[]>[] StoreAll(params string[] organizations) =>
        [.. organizations.Select(organization =>
            _lane.StoreAsync(organization, [new OrderStatusEvent { OrderId = "o-1", Status = "s" }]))];

    private Task CalledAsync(int count) =>
        Eventually.Holds(() => _calls.Count == count, () => $"{_calls.Count} calls instead of {count}");

    private static async Task<string[]> IdsAsync(params Task<PublishedEvent[]>[] appends) =>
        [.. (await Task.WhenAll(appends)).Select(stored => stored.Single().Id)];

    /// <summary>A call of the home silo. The id of an answer is its organization and its place in the call.</summary>
    private sealed record Call(string Key, HomeAppend[] Appends, bool IsShared)
    {
        private readonly TaskCompletionSource<PublishedEvent[]> _alone = new();
        private readonly TaskCompletionSource<HomeAppendAnswer[]> _shared = new();

        public Task Task => IsShared ? _shared.Task : _alone.Task;

        public string Organizations => string.Join(' ', Appends.Select(append => append.OrganizationId));

        public void Answer(int refused = -1, Exception? fault = null)
        {
            PublishedEvent[][] stored = [.. Appends.Select((append, i) =>
                new[] { new PublishedEvent($"{append.OrganizationId}-{i}", 1, 1, IsRepeat: false) })];
            _alone.TrySetResult(stored[0]);
            _shared.TrySetResult([.. stored.Select((events, i) =>
                i == refused ? new HomeAppendAnswer(null, fault) : new HomeAppendAnswer(events, null))]);
        }

        public void Fail(Exception e)
        {
            _alone.TrySetException(e);
            _shared.TrySetException(e);
        }
    }
}
