using System.Runtime.CompilerServices;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Orders;

/// <summary>
/// Follows a feed by polling. An order that does not exist yet is awaited. While the source does not answer, it is
/// polled on. If the history of the log was rewritten, all events of the new one follow, as clients get them.
/// </summary>
internal sealed class FeedTail(IFeedSource source, FeedKey feed, TimeProvider time, TextWriter messages)
{
    private const int PageSize = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // The bounds tell the epoch. They are read again once in so many polls without an event.
    private const int PollsPerCheck = 8;

    private string? _epoch;
    private long _after;
    private bool _isReported;

    /// <summary>Returns the newest events and then those that follow.</summary>
    /// <param name="last">The number of the newest events to begin with.</param>
    /// <param name="count">The number of events after which it ends; null for no end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<EncodedOrderEvent> RunAsync(
        int last, long? count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var first = await source.GetBoundsAsync(feed, cancellationToken);
        _epoch = first?.Epoch;
        _after = first is { } bounds ? Math.Max(bounds.Earliest - 1, bounds.Last - last) : 0;
        var idle = 0;
        while (count is not <= 0)
        {
            var page = await TryAsync(() => source.ReadAsync(feed, _after, PageSize, cancellationToken)) ?? [];
            foreach (var e in page)
            {
                _after = feed.NumberOf(e);
                yield return e;
                if (--count <= 0)
                {
                    yield break;
                }
            }

            if (page.Count > 0)
            {
                continue;
            }

            await Task.Delay(Interval, time, cancellationToken);
            if (++idle % PollsPerCheck == 0)
            {
                await CheckEpochAsync(cancellationToken);
            }
        }
    }

    private async Task CheckEpochAsync(CancellationToken cancellationToken)
    {
        var bounds = await TryAsync(() => source.GetBoundsAsync(feed, cancellationToken));
        if (bounds is not { Epoch: { } epoch } found)
        {
            return;
        }

        if (_epoch is not null && epoch != _epoch)
        {
            _after = found.Earliest - 1;
            await messages.WriteLineAsync(
                $"the history was rewritten: epoch {epoch} begins, and all its events follow");
        }

        _epoch = epoch;
    }

    /// <summary>Reports the first failure in a row, and returns the default.</summary>
    private async Task<T?> TryAsync<T>(Func<Task<T>> read)
    {
        try
        {
            var answer = await read();
            _isReported = false;
            return answer;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or EventLogUnavailableException
            or StorageException || StorageFaults.Describe(e) is not null)
        {
            if (!_isReported)
            {
                await messages.WriteLineAsync($"no answer from {source.Location}, retrying: {e.Message}");
            }

            _isReported = true;
            return default;
        }
    }
}
