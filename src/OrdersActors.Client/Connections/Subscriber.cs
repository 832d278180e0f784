using OrdersActors.Client.Feeds;
using OrdersActors.Client.Protocol;

namespace OrdersActors.Client.Connections;

/// <summary>
/// Sends the subscribes and unsubscribes of one session, reads their replies, and repeats what was refused for a while.
/// Replies are handled one at a time.
/// </summary>
internal sealed class Subscriber : IDisposable
{
    private readonly FeedTable _feeds;
    private readonly TimeProvider _time;
    private readonly BackOff _backOff;
    private readonly Alarm _alarm;
    private readonly List<Feed> _postponed = [];
    private long _retryAt = long.MinValue;

    public Subscriber(FeedTable feeds, TimeProvider time, Random random)
    {
        (_feeds, _time, _backOff) = (feeds, time, new BackOff(time, random));
        _alarm = new Alarm(time, Retry);
    }

    /// <summary>
    /// Handles a reply to a subscribe. <paramref name="left"/> are the feeds of the message that have no reply yet.
    /// Returns the feed that was confirmed, or null.
    /// </summary>
    public Feed? OnReply(List<Feed> left, ServerMessage reply)
    {
        var (type, data) = (reply.Type, reply.Data);
        var index = left.FindIndex(feed => feed.OrderId == data.OrderId);
        if (type == "error")
        {
            // Without an order it is for all that are left: the message was refused as a whole.
            Feed[] refused = index < 0 ? [.. left] : [left[index]];
            left.RemoveAll(refused.Contains);
            foreach (var feed in refused)
            {
                OnRefused(feed, data.ToError());
            }

            return null;
        }

        if (index < 0 || data is not { Resumed: { } isResumed, Position: { } newest })
        {
            return null;
        }

        var confirmed = left[index];
        left.RemoveAt(index);
        lock (_postponed)
        {
            _backOff.Reset();
        }

        _feeds.Confirm(confirmed, new Confirmation(isResumed, data.Earliest ?? newest + 1, data.Epoch, newest));
        return confirmed;
    }

    public void Dispose() => _alarm.Dispose();

    private void OnRefused(Feed feed, ServerError error)
    {
        if (!error.IsTemporary)
        {
            _feeds.Refuse(feed, error);
            return;
        }

        _feeds.Postpone(feed);
        lock (_postponed)
        {
            // All of them together, when the last of them may.
            var delay = error.RetryAfter + (_postponed.Count == 0 ? _backOff.Next() : TimeSpan.Zero);
            var at = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            _postponed.Add(feed);
            if (at > _retryAt)
            {
                _retryAt = at;
                _alarm.Set(delay);
            }
        }
    }

    private void Retry()
    {
        Feed[] feeds;
        lock (_postponed)
        {
            feeds = [.. _postponed];
            _postponed.Clear();
            _retryAt = long.MinValue;
        }

        _feeds.Resume(feeds);
    }
}
