using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrdersActors.Client.Connections;
using OrdersActors.Client.Feeds;

namespace OrdersActors.Client;

/// <inheritdoc cref="IOrdersClient"/>
public sealed partial class OrdersClient : IOrdersClient, IAsyncDisposable, IDisposable
{
    private const int MostOrderIdLength = 128;

    private readonly OrdersClientOptions _options;
    private readonly ILogger _logger;
    private readonly FeedTable _feeds;
    private readonly ConnectionLoop _loop;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lazy<Task> _running;
    private volatile OrdersClientState _state = OrdersClientState.Waiting;
    private int _isDisposed;

    /// <summary>Creates a client. It connects with the first watch.</summary>
    /// <param name="options">The options. They must not change afterwards.</param>
    /// <param name="logger">Gets the events 1800 to 1805; null for none.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option is wrong. The message names it.</exception>
    public OrdersClient(OrdersClientOptions options, ILogger<OrdersClient>? logger = null, TimeProvider? time = null)
        : this(options, logger, time ?? TimeProvider.System, Random.Shared, open: null)
    {
    }

    internal OrdersClient(
        OrdersClientOptions options, ILogger? logger, TimeProvider time, Random random, OpenSocket? open)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OrdersClientOptionsCheck.Problems(options).FirstOrDefault() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        _options = options;
        _logger = logger ?? NullLogger.Instance;
        _feeds = new FeedTable(options.MaxBufferedBytes);
        _loop = new ConnectionLoop(
            options, _feeds, open ?? (cancellationToken => ClientSocket.OpenAsync(options, time, cancellationToken)),
            time, random, _logger, SetState);
        // Not in the context of the caller, which may be the thread of a user interface.
        _running = new Lazy<Task>(() => Task.Run(() => _loop.RunAsync(_stopping.Token)));
    }

    /// <inheritdoc/>
    public event EventHandler<OrdersClientState>? StateChanged;

    /// <inheritdoc/>
    public OrdersClientState State => _state;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The order id is empty or too long.</exception>
    public IAsyncEnumerable<OrderUpdate> WatchAsync(
        string orderId, WatchStart start = default, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(orderId);
        return orderId.Length > MostOrderIdLength && orderId.EnumerateRunes().Count() > MostOrderIdLength
            ? throw new ArgumentException($"An order id has at most {MostOrderIdLength} characters.", nameof(orderId))
            : ReadAsync(orderId, start, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<OrderUpdate> WatchAllAsync(
        WatchStart start = default, CancellationToken cancellationToken = default) =>
        ReadAsync(null, start, cancellationToken);

    /// <summary>Closes the connection. All watches end with <see cref="OrdersClientException.Closed"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            // The loop ends at once, and notes for later watches that the client is closed.
            await _running.Value.ConfigureAwait(false);
            _stopping.Dispose();
            _loop.Dispose();
        }
    }

    /// <summary>Does the same as <see cref="DisposeAsync"/>, and waits for it.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async IAsyncEnumerable<OrderUpdate> ReadAsync(
        string? orderId, WatchStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var watch = _feeds.Join(orderId, start);
        try
        {
            _ = _running.Value;
            while (true)
            {
                await watch.Buffer.WaitAsync(WatchBuffer.HasNews, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                if (!watch.Buffer.TryTake(out var item))
                {
                    continue;
                }

                if (watch.Buffer.IsEmpty)
                {
                    _feeds.Reattach(watch);
                }

                if (item.Update is { } update)
                {
                    yield return update;
                }
                else if (_options.OnGap is { } onGap)
                {
                    await onGap(item.Gap!, cancellationToken);
                }
                else
                {
                    throw new OrderGapException(item.Gap!);
                }
            }
        }
        finally
        {
            _feeds.Leave(watch);
        }
    }

    private void SetState(OrdersClientState state)
    {
        if (_state == state)
        {
            return;
        }

        _state = state;
        try
        {
            StateChanged?.Invoke(this, state);
        }
        catch (Exception e)
        {
            LogHandlerFailed(e);
        }
    }

    [LoggerMessage(1805, LogLevel.Error, "A handler of StateChanged threw. The client continues")]
    private partial void LogHandlerFailed(Exception exception);
}
