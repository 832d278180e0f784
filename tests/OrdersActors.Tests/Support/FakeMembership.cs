using OrdersActors.FrontEnd.Feeds;

namespace OrdersActors.Tests.Support;

/// <summary>A place in a feed whose last number the test sets.</summary>
internal sealed class FakeMembership(FeedHistory history) : IFeedMembership
{
    private readonly Lock _lock = new();
    private long _last;

    public FeedHistory History => history;

    public long Last
    {
        get => Volatile.Read(ref _last);
        set
        {
            lock (_lock)
            {
                _last = value;
            }
        }
    }

    public bool HasLeft { get; private set; }

    public Lock.Scope Hold(out long last)
    {
        var scope = _lock.EnterScope();
        last = _last;
        return scope;
    }

    public void Leave() => HasLeft = true;
}
