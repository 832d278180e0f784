using OrdersActors.Publishing;

namespace OrdersActors.Testing;

/// <summary>
/// A publisher in memory for unit tests. It validates, numbers and refuses events with the code of the real publisher
/// and of the real log, so a test sees the same results and the same exceptions.
/// </summary>
/// <remarks>
/// Thread-safe. It keeps every event until it is collected. It has no timeouts: a call completes at once.
/// </remarks>
public sealed class FakeOrderStatusPublisher : IOrderStatusPublisher
{
    private readonly Lock _lock = new();
    private readonly FakeLog _log = new();
    private readonly List<PublishCall> _published = [];
    private readonly Queue<Failure> _failures = [];
    private readonly BatchedPublisher _batches;

    /// <summary>Creates a publisher without events.</summary>
    public FakeOrderStatusPublisher() => _batches = new BatchedPublisher(StoreAsync);

    /// <summary>
    /// The events that were published, in the order of the calls, also those that were stored before
    /// (<see cref="PublishedEvent.IsRepeat"/>). Events of calls that failed are not in it. A snapshot.
    /// </summary>
    public IReadOnlyList<PublishCall> Published
    {
        get
        {
            lock (_lock)
            {
                return [.. _published];
            }
        }
    }

    /// <summary>
    /// Lets calls fail, after those that were requested before. A call with an invalid event fails with its own
    /// exception and does not count, because the real publisher sends nothing then.
    /// </summary>
    /// <param name="calls">How many calls fail; 1 or more.</param>
    /// <param name="exception">
    /// The exception; null for the <see cref="PublishFailedException"/> of a server that cannot be reached.
    /// </param>
    /// <param name="isStored">
    /// Whether the events are stored nevertheless, as if only the answer was lost. Then publishing them again under the
    /// same ids is answered with <see cref="PublishedEvent.IsRepeat"/>. A call of more than
    /// <see cref="OrderEventRules.MaxBatch"/> events stores its first batch.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="calls"/> is less than 1.</exception>
    public void FailNext(int calls = 1, Exception? exception = null, bool isStored = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(calls, 1);
        lock (_lock)
        {
            for (var i = 0; i < calls; i++)
            {
                _failures.Enqueue(new Failure(exception, isStored));
            }
        }
    }

    // Both overloads and their optional parameter are those of the interface.
#pragma warning disable RS0026
    /// <inheritdoc />
    public Task<PublishedEvent> PublishAsync(
        string organizationId, OrderStatusEvent orderStatusEvent, CancellationToken cancellationToken = default) =>
        _batches.PublishAsync(organizationId, orderStatusEvent, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<PublishedEvent>> PublishAsync(
        string organizationId, IReadOnlyList<OrderStatusEvent> orderStatusEvents,
        CancellationToken cancellationToken = default) =>
        _batches.PublishAsync(organizationId, orderStatusEvents, cancellationToken);
#pragma warning restore RS0026

    private Task<PublishedEvent[]> StoreAsync(
        string organizationId, OrderStatusEvent[] events, int stored, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            // Only the first batch of a call has nothing stored before it.
            var failure = stored == 0 && _failures.TryDequeue(out var next) ? next : null;
            if (failure is { IsStored: false })
            {
                throw failure.Exception ?? Unreachable(organizationId);
            }

            var answers = _log.Append(organizationId, events);
            if (failure is not null)
            {
                throw failure.Exception ?? Unreachable(organizationId);
            }

            _published.AddRange(events.Zip(answers, (e, answer) => new PublishCall(organizationId, e, answer)));
            return Task.FromResult(answers);
        }
    }

    private static PublishFailedException Unreachable(string organizationId) => new(
        $"publishing for {organizationId} failed for 30 s: the server did not answer",
        new TimeoutException("the server did not answer"));

    private sealed record Failure(Exception? Exception, bool IsStored);
}
