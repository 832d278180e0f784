using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Http;
using OrdersActors.Http.Limits;
using OrdersActors.Http.Problems;
using OrdersActors.Http.Publishing;
using OrdersActors.Publishing;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Http.Publishing;

public sealed class LinePublisherTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StoringPublisher _publisher = new();
    private readonly HttpOptions _options = new();

    [Fact]
    public async Task Full_batches_are_stored_in_order()
    {
        var progress = await RunAsync(Lines(2500));
        Assert.Equal([1000, 1000, 500], _publisher.Batches.Select(batch => batch.Length));
        Assert.Equal(
            NumberRange.Numbers(1, 2500).Select(number => $"l-{number}"),
            _publisher.Batches.SelectMany(batch => batch).Select(e => e.Id));
        Assert.Equal(
            [("stored", 2500L), ("repeats", 0L), ("first_sequence", 1L), ("last_sequence", 2500L)], progress.Members);
    }

    [Fact]
    public async Task Quota_of_the_organization_stops_the_request_after_what_is_stored()
    {
        (_options.PublishRatePerOrganization, _options.PublishBurstPerOrganization) = (100, 500);
        var e = await Assert.ThrowsAsync<ProblemException>(() => RunAsync(Lines(2500)));
        // The first batch overdraws the budget of 500 by 500, which takes five seconds to refill.
        Assert.Equal((429, 1000L, 1001L), (e.Status, e.Members["stored"], e.Members["next_line"]));
        Assert.InRange(e.RetryAfter!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.1));
    }

    [Fact]
    public async Task Batch_of_long_lines_is_limited_by_its_bytes()
    {
        var details = new string('x', 60_000);
        var lines = Enumerable.Range(1, 100)
            .Select(number =>
                $$$"""{"id":"l-{{{number}}}","order_id":"o","status":"s","details":{"a":"{{{details}}}"}}""");
        await RunAsync(string.Join('\n', lines));
        Assert.All(_publisher.Batches, batch => Assert.InRange(batch.Length, 1, 18));
    }

    [Fact]
    public async Task Endless_body_is_not_read_while_a_batch_waits_to_be_stored()
    {
        await using var endless = new EndlessLines();
        var storing = new TaskCompletionSource();
        _publisher.Before = () => storing.Task;
        await using var lines = new LinePublisher(Publisher(), "shop", endless, _time);
        var running = lines.RunAsync(TestContext.Current.CancellationToken);
        Assert.False(running.IsCompleted);
        var given = endless.Given;
        Assert.InRange(given, 1, 4 * LinePublisher.MaxBatchBytes);
        for (var i = 0; i < 10; i++)
        {
            await Task.Yield();
            Assert.Equal(given, endless.Given);
        }

        _publisher.Before = () => throw new PublishFailedException("away", new TimeoutException());
        storing.SetResult();
        var e = await Assert.ThrowsAsync<ProblemException>(() => running);
        // All lines have the same id.
        Assert.Equal(
            (503, 1L, 999L, 1001L),
            (e.Status, e.Members["stored"], e.Members["repeats"], e.Members["next_line"]));
    }

    [Fact]
    public async Task Events_are_stored_when_the_next_line_has_not_arrived()
    {
        await using var silent = new SilentAfter(Lines(3) + "\n");
        await using var lines = new LinePublisher(Publisher(), "shop", silent, _time);
        var running = lines.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, Assert.Single(_publisher.Batches).Length);
        _time.Advance(LinePublisher.IdleTimeout);
        var e = await Assert.ThrowsAsync<ProblemException>(() => running);
        Assert.Equal((408, 3L, 4L), (e.Status, e.Members["stored"], e.Members["next_line"]));
    }

    [Fact]
    public async Task Read_that_waits_ends_when_storing_fails()
    {
        await using var silent = new SilentAfter(Lines(3) + "\n");
        _publisher.Before = () => throw new PublishFailedException("away", new TimeoutException());
        await using var lines = new LinePublisher(Publisher(), "shop", silent, _time);
        var e = await Assert.ThrowsAsync<ProblemException>(
            () => lines.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal((503, 0L, 1L), (e.Status, e.Members["stored"], e.Members["next_line"]));
        Assert.NotNull(e.RetryAfter);
    }

    [Fact]
    public async Task Refused_event_names_its_line_and_those_before_it_are_stored()
    {
        _publisher.Refused = "l-1500";
        var e = await Assert.ThrowsAsync<ProblemException>(() => RunAsync("\n" + Lines(2500)));
        Assert.Equal((409, 1501L, 1499L, 1501L), (e.Status, e.Line, e.Members["stored"], e.Members["next_line"]));
        Assert.Equal("l-1499", _publisher.Batches[^1][^1].Id);
        Assert.DoesNotContain("event 499", e.Message, StringComparison.Ordinal);
        Assert.Contains("continue with this line", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"order_id":7}""", "order_id")]
    [InlineData("""{"order_id":"o","status":"s","x":1}""", "x")]
    [InlineData("""{"organization_id":"other","order_id":"o","status":"s"}""", "organization_id")]
    [InlineData("nonsense", null)]
    public async Task Wrong_line_is_named_and_those_before_it_are_stored(string line, string? field)
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => RunAsync($"{Lines(2)}\n{line}\n{Lines(2)}"));
        Assert.Equal((3L, field, 2L), (e.Line, e.Field, e.Members["stored"]));
        Assert.Equal(2, Assert.Single(_publisher.Batches).Length);
    }

    [Fact]
    public async Task Repeats_are_counted_apart()
    {
        await RunAsync(Lines(3));
        var progress = await RunAsync(Lines(5));
        Assert.Equal((2, 3), (progress.Stored, progress.Repeats));
        Assert.Contains(("first_sequence", 4L), progress.Members);
    }

    private static string Lines(int count) => string.Join('\n', NumberRange.Numbers(1, count).Select(Line));

    private static string Line(long number) => $$"""{"id":"l-{{number}}","order_id":"o","status":"s"}""";

    private EventPublisher Publisher() => new(_publisher, new PublishQuota(Options.Create(_options), _time));

    private async Task<LineProgress> RunAsync(string body)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
        await using var lines = new LinePublisher(Publisher(), "shop", stream, _time);
        return await lines.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Returns lines without an end.</summary>
    private sealed class EndlessLines : MemoryStream
    {
        private static readonly byte[] Text = Encoding.UTF8.GetBytes(Line(1) + "\n");

        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < buffer.Length; i++)
            {
                buffer.Span[i] = Text[(Given + i) % Text.Length];
            }

            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }

    /// <summary>Returns a text, and then nothing more.</summary>
    private sealed class SilentAfter(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }

    /// <summary>Stores events in memory, once per id.</summary>
    private sealed class StoringPublisher : IOrderStatusPublisher
    {
        private readonly Dictionary<string, long> _sequences = [];

        public List<OrderStatusEvent[]> Batches { get; } = [];

        /// <summary>The id of an event that is a conflict.</summary>
        public string? Refused { get; set; }

        public Func<Task>? Before { get; set; }

        public Task<PublishedEvent> PublishAsync(
            string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(
            string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents,
            CancellationToken cancellationToken = default)
        {
            if (Before is { } before)
            {
                await before();
            }

            var index = orderStatusEvents.Index().FirstOrDefault(e => e.Item.Id == Refused, (-1, null!)).Index;
            if (index >= 0)
            {
                throw new EventConflictException(Refused!, index, "o", "o", "status");
            }

            Batches.Add([.. orderStatusEvents]);
            return [.. orderStatusEvents.Select(Store)];
        }

        private PublishedEvent Store(OrderStatusEvent e)
        {
            var isNew = _sequences.TryAdd(e.Id, _sequences.Count + 1);
            return new PublishedEvent(e.Id, 1, _sequences[e.Id], IsRepeat: !isNew);
        }
    }
}
