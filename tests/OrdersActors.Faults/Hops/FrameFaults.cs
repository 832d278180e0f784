using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Faults.Hops;

/// <summary>
/// Faults on the hop inside a front end, from a feed to a subscription. All calls happen under the feed's lock.
/// </summary>
internal sealed class FrameFaults(FaultDice dice, FrameDelivery deliver)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<Subscription, EventFrame> _held = [];

    public void Deliver(Subscription subscription, EventFrame frame)
    {
        switch (dice.Roll(Hop.FrontEndToConnection))
        {
            case Fault.Drop:
                return;
            case Fault.Reorder when TryHold(subscription, frame):
                return;
            case Fault.Duplicate:
                deliver(subscription, frame);
                break;
        }

        deliver(subscription, frame);
        Release(subscription, null);
    }

    private bool TryHold(Subscription subscription, EventFrame frame)
    {
        lock (_held)
        {
            if (!_held.TryAdd(subscription, frame))
            {
                return false;
            }
        }

        _ = Task.Run(async () =>
        {
            await Task.Delay(Longest);
            subscription.Feed!.Synchronize(_ => Release(subscription, frame));
        });
        return true;
    }

    /// <summary>Delivers the held frame, if it is this one or any frame is allowed.</summary>
    private bool Release(Subscription subscription, EventFrame? only)
    {
        EventFrame? frame;
        lock (_held)
        {
            if (!_held.TryGetValue(subscription, out frame) || (only is not null && frame != only))
            {
                return false;
            }

            _held.Remove(subscription);
        }

        deliver(subscription, frame);
        return true;
    }
}
