using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Publishing;
using OrdersActors.Server.Commands.Files;

namespace OrdersActors.Tests.Commands.Files;

/// <summary>
/// The result of publishing a file if events are refused, the server is unavailable, or the user cancels.
/// </summary>
public sealed class FilePublisherTests
{
    private readonly Hub _hub = new();

    [Fact]
    public async Task Conflict_has_its_exit_code_and_the_events_before_it_are_stored()
    {
        _hub.Refused = "e-3";
        Assert.Equal(3, await RunAsync(Lines("a", 1, 2, 3, 4), 1, Token));
        Assert.Equal(["e-1", "e-2"], _hub.Stored);
    }

    [Fact]
    public async Task Lines_before_the_first_are_skipped_without_a_check()
    {
        Assert.Equal(0, await RunAsync("no JSON\n\n" + Lines("a", 3, 4), 3, Token));
        Assert.Equal(["e-3", "e-4"], _hub.Stored);
    }

    [Fact]
    public async Task Unavailable_server_ends_the_file()
    {
        _hub.IsAway = true;
        Assert.Equal(1, await RunAsync(Lines("a", 1, 2), 1, Token));
        Assert.Empty(_hub.Stored);
    }

    [Fact]
    public async Task Cancelled_file_ends_even_if_the_server_does_not_answer()
    {
        _hub.Hangs = true;
        using var cancelled = new CancellationTokenSource();
        var running = RunAsync(Lines("a", 1, 2), 1, cancelled.Token);
        await _hub.Called.Task.WaitAsync(Token);
        Assert.False(running.IsCompleted);
        await cancelled.CancelAsync();
        Assert.Equal(1, await running);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Lines(string organization, params int[] ids) => string.Join('\n', ids.Select(id =>
        $$"""{"organization_id":"{{organization}}","order_id":"o","status":"s","id":"e-{{id}}"}"""));

    private async Task<int> RunAsync(string text, long fromLine, CancellationToken cancellationToken)
    {
        using var publisher = new FilePublisher(_hub, new FakeTimeProvider());
        return await publisher.RunAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), fromLine, cancellationToken);
    }

    /// <summary>A server with configurable answers.</summary>
    private sealed class Hub : IOrderStatusPublisher
    {
        public List<string> Stored { get; } = [];

        public string? Refused { get; set; }

        public bool IsAway { get; set; }

        public bool Hangs { get; set; }

        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<PublishedEvent> PublishAsync(
            string organizationId, OrderStatusEvent e, CancellationToken cancellationToken = default) =>
            (await PublishAsync(organizationId, [e], cancellationToken))[0];

        public async Task<IReadOnlyList<PublishedEvent>> PublishAsync(
            string organizationId, IReadOnlyList<OrderStatusEvent> events,
            CancellationToken cancellationToken = default)
        {
            Called.TrySetResult();
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            if (IsAway)
            {
                throw new PublishFailedException("away", new TimeoutException());
            }

            if (events.Select(e => e.Id).ToList().IndexOf(Refused!) is >= 0 and var index)
            {
                throw new EventConflictException(Refused!, index, "o", "other", "order_id");
            }

            var first = Stored.Count;
            Stored.AddRange(events.Select(e => e.Id));
            return [.. events.Select((e, i) => new PublishedEvent(
                e.Id, first + i + 1, first + i + 1, Stored.IndexOf(e.Id) < first + i))];
        }
    }
}
