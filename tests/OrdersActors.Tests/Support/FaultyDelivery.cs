using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.Tests.Support;

/// <summary>A fault of one message of a hop.</summary>
public enum HopFault
{
    Drop,
    Duplicate,
    Swap,
}

/// <summary>The hop from feeds to connections, with a fault on every n-th frame.</summary>
internal sealed class FaultyDelivery(HopFault fault, int every) : IFeedListenerDecorator
{
    private readonly HopFault _fault = fault;
    private int _count;
    private int _faults;

    public int Faults => Volatile.Read(ref _faults);

    public IFeedListener Decorate(IFeedListener listener) => new Listener(this, listener);

    private bool Hits()
    {
        var hits = Interlocked.Increment(ref _count) % every == 0;
        if (hits)
        {
            Interlocked.Increment(ref _faults);
        }

        return hits;
    }

    private sealed class Listener(FaultyDelivery hop, IFeedListener inner) : IFeedListener
    {
        private EventFrame? _held;

        public void OnJoined(IFeedMembership membership, long last) => inner.OnJoined(membership, last);

        public void OnEvent(EventFrame frame)
        {
            if (_held is { } held)
            {
                _held = null;
                inner.OnEvent(frame);
                inner.OnEvent(held);
                return;
            }

            if (!hop.Hits())
            {
                inner.OnEvent(frame);
                return;
            }

            switch (hop._fault)
            {
                case HopFault.Duplicate:
                    inner.OnEvent(frame);
                    inner.OnEvent(frame);
                    break;
                case HopFault.Swap:
                    _held = frame;
                    break;
            }
        }

        public void OnLast(long last) => inner.OnLast(last);

        public void OnDenied() => inner.OnDenied();
    }
}
