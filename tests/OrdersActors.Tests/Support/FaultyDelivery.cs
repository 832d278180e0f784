using OrdersActors.FrontEnd.Subscriptions;

namespace OrdersActors.Tests.Support;

/// <summary>A fault of one message of a hop.</summary>
public enum HopFault
{
    Drop,
    Duplicate,
    Swap,
}

/// <summary>The hop from feeds to connections, with a fault on every n-th frame.</summary>
internal sealed class FaultyDelivery(HopFault fault, int every)
{
    private readonly Dictionary<Subscription, EventFrame> _held = [];
    private int _count;

    public int Faults { get; private set; }

    public void Deliver(Subscription subscription, EventFrame frame)
    {
        EventFrame? held;
        bool isHit;
        lock (_held)
        {
            _held.Remove(subscription, out held);
            isHit = held is null && ++_count % every == 0;
            if (isHit)
            {
                Faults++;
                if (fault == HopFault.Swap)
                {
                    _held[subscription] = frame;
                }
            }
        }

        if (!isHit || fault == HopFault.Duplicate)
        {
            subscription.OnEvent(frame);
        }

        if (isHit && fault == HopFault.Duplicate)
        {
            subscription.OnEvent(frame);
        }

        if (held is not null)
        {
            subscription.OnEvent(held);
        }
    }
}
