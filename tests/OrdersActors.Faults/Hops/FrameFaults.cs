using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.Faults.Hops;

/// <summary>
/// Faults on the hop inside a front end, from a feed to a subscription. Each listener has its own faults.
/// </summary>
internal sealed class FrameFaults(FaultDice dice) : IFeedListenerDecorator
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(300);

    public IFeedListener Decorate(IFeedListener listener) => new Listener(dice, listener);

    /// <summary>All calls happen under the feed's lock, which the late delivery of a held frame takes, too.</summary>
    private sealed class Listener(FaultDice dice, IFeedListener inner) : IFeedListener
    {
        private IFeedMembership? _membership;
        private EventFrame? _held;

        public void OnJoined(IFeedMembership membership, long last)
        {
            _membership = membership;
            inner.OnJoined(membership, last);
        }

        public void OnEvent(EventFrame frame)
        {
            switch (dice.Roll(Hop.FrontEndToConnection))
            {
                case Fault.Drop:
                    return;
                case Fault.Reorder when _held is null:
                    Hold(frame);
                    return;
                case Fault.Duplicate:
                    inner.OnEvent(frame);
                    break;
            }

            inner.OnEvent(frame);
            Release();
        }

        public void OnLast(long last) => inner.OnLast(last);

        public void OnDenied() => inner.OnDenied();

        /// <summary>Holds a frame back until the next one, or for a limited time.</summary>
        private void Hold(EventFrame frame)
        {
            _held = frame;
            _ = Task.Run(async () =>
            {
                await Task.Delay(Longest);
                using var held = _membership!.Hold(out _);
                if (_held == frame)
                {
                    Release();
                }
            });
        }

        private void Release()
        {
            if (_held is { } frame)
            {
                _held = null;
                inner.OnEvent(frame);
            }
        }
    }
}
