using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace OrdersActors.FrontEnd.Feeds;

/// <summary>
/// Reads the missing events of one feed from the log until every event that was seen has been passed on. Owns the
/// reading task; <see cref="StopAsync"/> awaits it.
/// </summary>
/// <remarks>
/// A gap is recorded in the feed before <see cref="EnsureReading"/> is called for it, and the task looks for the next
/// gap under the same lock under which it ends. So a gap that is recorded while the task ends either is found by it, or
/// starts the next task.
/// </remarks>
[SuppressMessage("Reliability", "CA1001",
    Justification = "A CancellationTokenSource without a timer holds nothing to dispose of.")]
internal sealed partial class GapReader(
    FeedKey key, FeedFanOut fanOut, FeedReader reader, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>Starts reading if events are missing, unless that is already in progress.</summary>
    public void EnsureReading()
    {
        lock (_lock)
        {
            if (_reading.IsCompleted && fanOut.FindGap() is not null)
            {
                _reading = Task.Run(() => ReadAsync(_stop.Token), CancellationToken.None);
            }
        }
    }

    /// <summary>Cancels the reading and waits for its end. The feed has ended, so no reading starts any more.</summary>
    public async Task StopAsync()
    {
        Task reading;
        lock (_lock)
        {
            reading = _reading;
        }

        await _stop.CancelAsync();
        await reading;
    }

    /// <summary>Never fails.</summary>
    private async Task ReadAsync(CancellationToken stop)
    {
        var backOff = new RetryBackoff(FirstRetry, LongestRetry);
        while (NextGap() is { } after)
        {
            try
            {
                fanOut.FillGap(await reader.ReadAsync(fanOut.History, key, after).WaitAsync(stop));
                backOff.Reset();
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                // The feed has ended, so there is no next gap. A read that finds the history ended fails, too.
            }
            catch (Exception e)
            {
                LogNotRead(key, e.Message);
                await Task.Delay(backOff.Next(), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Returns the number after which to read; null if no event is missing. Then the task ends.</summary>
    private long? NextGap()
    {
        lock (_lock)
        {
            if (fanOut.FindGap() is { } gap)
            {
                LogReading(key, gap.Last, gap.Seen);
                return gap.Last;
            }

            _reading = Task.CompletedTask;
            return null;
        }
    }

    [LoggerMessage(1300, LogLevel.Debug,
        "Reading the missed events of {Feed} after {Last} from the log; the newest event that was seen is {Seen}")]
    private partial void LogReading(FeedKey feed, long last, long seen);

    [LoggerMessage(1301, LogLevel.Warning,
        "The missed events of {Feed} could not be read from the log: {Reason}. Retrying")]
    private partial void LogNotRead(FeedKey feed, string reason);
}
