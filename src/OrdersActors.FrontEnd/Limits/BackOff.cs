namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// The delays between retries: each is twice as long as the one before, up to a maximum. Not thread-safe.
/// </summary>
internal struct BackOff(TimeSpan first, TimeSpan max)
{
    private readonly TimeSpan _first = first;
    private TimeSpan _next = first;

    /// <summary>Returns the delay before the next retry.</summary>
    public TimeSpan Next()
    {
        var delay = _next;
        _next = delay * 2 < max ? delay * 2 : max;
        return delay;
    }

    /// <summary>Begins again with the first delay, because an attempt has succeeded.</summary>
    public void Reset() => _next = _first;
}
