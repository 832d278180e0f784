using OrdersActors.Publishing;

namespace OrdersActors.Benchmarks.Scaling;

/// <summary>
/// One organization: a subscriber of the organization, one subscriber for each order, and a publisher that keeps one
/// batch in flight. A batch has arrived when both subscribers of each of its events have it.
/// </summary>
internal sealed class ScaleShop(string organization, IOrderStatusPublisher publisher, int batch)
{
    private static readonly TimeSpan ArrivalTimeout = TimeSpan.FromSeconds(60);

    private readonly List<string> _orders = [];
    private readonly Random _random = new();
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing;
    private long _delivered;

    /// <summary>The events that subscribers have received so far.</summary>
    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Publishes the first event of each order, before anyone is subscribed.</summary>
    public Task CreateOrdersAsync(IEnumerable<string> orders) => publisher.PublishAsync(
        organization, [.. orders.Select(order => new OrderStatusEvent { OrderId = order, Status = "created" })]);

    /// <summary>Publishes for this order from now on. It must have one subscriber. Not while it publishes.</summary>
    public void Add(string order) => _orders.Add(order);

    /// <summary>Publishes one batch after the other until <paramref name="stop"/>.</summary>
    /// <exception cref="TimeoutException">An event did not arrive within a minute.</exception>
    public async Task PublishAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var events = Enumerable.Range(0, batch)
                .Select(_ => new OrderStatusEvent { OrderId = _orders[_random.Next(_orders.Count)], Status = "moving" })
                .ToArray();
            var arrived = _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _missing, 2 * batch);
            await publisher.PublishAsync(organization, events, CancellationToken.None);
            await arrived.Task.WaitAsync(ArrivalTimeout, CancellationToken.None);
        }
    }

    /// <summary>Reads the events of a subscriber until it is disposed.</summary>
    /// <param name="subscriber">The subscriber.</param>
    /// <param name="number">The property with the event's number, which must rise without gaps.</param>
    /// <param name="stop">Set before the subscriber is disposed.</param>
    /// <exception cref="InvalidOperationException">An event is missing or was repeated.</exception>
    public async Task ReadAsync(FrameReader subscriber, string number, CancellationToken stop)
    {
        long? last = null;
        while (true)
        {
            long next;
            try
            {
                next = (await subscriber.ReadEventAsync()).GetProperty(number).GetInt64();
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                // The subscriber was disposed.
                return;
            }

            if (last is not null && next != last + 1)
            {
                throw new InvalidOperationException($"{organization}: expected {number} {last + 1}, got {next}.");
            }

            last = next;
            Interlocked.Increment(ref _delivered);
            if (Interlocked.Decrement(ref _missing) == 0)
            {
                _arrived.TrySetResult();
            }
        }
    }
}
