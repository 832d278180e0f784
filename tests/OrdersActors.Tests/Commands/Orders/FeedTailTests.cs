using Microsoft.Extensions.Time.Testing;
using OrdersActors.Server.Commands.Orders;

namespace OrdersActors.Tests.Commands.Orders;

public sealed class FeedTailTests : IDisposable
{
    private static readonly FeedKey Feed = new("acme", null);

    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private readonly ScriptedSource _source = new();
    private readonly StringWriter _messages = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _messages.Dispose();

    [Fact]
    public async Task Newest_events_come_first_and_the_count_ends_it()
    {
        _source.Last = 5;
        var numbers = await NumbersAsync(last: 2, count: 2);
        Assert.Equal([4L, 5L], numbers);
    }

    [Fact]
    public async Task Only_kept_events_are_repeated()
    {
        (_source.Earliest, _source.Last) = (4, 5);
        var numbers = await NumbersAsync(last: 100, count: 2);
        Assert.Equal([4L, 5L], numbers);
    }

    [Fact]
    public async Task Source_that_does_not_answer_is_reported_once_and_polled_on()
    {
        _source.Last = 1;
        _source.Failures = 3;
        var numbers = await NumbersAsync(last: 1, count: 1);
        Assert.Equal([1L], numbers);
        Assert.Single(_messages.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Rewritten_history_is_reported_and_read_from_its_beginning()
    {
        _source.Last = 3;
        _source.NextEpoch = ("second", 2);
        var numbers = await NumbersAsync(last: 1, count: 3);
        Assert.Equal([3L, 1L, 2L], numbers);
        Assert.Contains("second", _messages.ToString(), StringComparison.Ordinal);
    }

    private async Task<long[]> NumbersAsync(int last, long count)
    {
        var numbers = new List<long>();
        var reading = Task.Run(
            async () =>
            {
                await foreach (var e in new FeedTail(_source, Feed, _time, _messages).RunAsync(last, count, Cancelled))
                {
                    numbers.Add(e.Sequence);
                }
            },
            Cancelled);
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }

        await reading;
        return [.. numbers];
    }

    /// <summary>A feed whose events are its numbers.</summary>
    private sealed class ScriptedSource : IFeedSource
    {
        private string _epoch = "first";

        public long Earliest { get; set; } = 1;

        public long Last { get; set; }

        /// <summary>How many reads fail.</summary>
        public int Failures { get; set; }

        /// <summary>The epoch that begins when all events have been read, and its newest number.</summary>
        public (string Epoch, long Last)? NextEpoch { get; set; }

        public string Location => "a test";

        public Task<FeedBounds?> GetBoundsAsync(FeedKey feed, CancellationToken cancellationToken) =>
            Task.FromResult<FeedBounds?>(new FeedBounds(Earliest, Last, _epoch));

        public Task<IReadOnlyList<EncodedOrderEvent>> ReadAsync(
            FeedKey feed, long after, int limit, CancellationToken cancellationToken)
        {
            if (Failures-- > 0)
            {
                throw new TimeoutException();
            }

            if (after >= Last && NextEpoch is { } next)
            {
                (_epoch, Last, NextEpoch) = (next.Epoch, next.Last, null);
            }

            return Task.FromResult<IReadOnlyList<EncodedOrderEvent>>(
            [
                .. Enumerable.Range(1, (int)Last).Where(number => number > after)
                    .Select(number => new EncodedOrderEvent("o", number, number, "{}"u8.ToArray())),
            ]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
