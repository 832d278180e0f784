using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Limits how many connects may fail per address. Only failures count. If an address has used up its budget, its
/// connects are checked at the rate at which the budget refills. So a client with the right key still connects from
/// there after some retries.
/// </summary>
/// <remarks>
/// <para>A key that has recently authenticated here does not need the budget, so clients that share an attacker's
/// address reconnect at once. A failed connect with such a key, for example because of a wrong signature, ends the
/// exception until the key authenticates again.</para>
/// <para>Connects in progress are not counted yet. They can overdraw the budget by about as many as may run at once
/// (<see cref="FrontEndLimiters.Requests"/>). The budget then takes longer to refill.</para>
/// <para>Memory is bounded: at most <see cref="MaxAddresses"/> budgets are kept, and full ones are removed to make
/// room. If all of them are in use, all further addresses share one budget. Thread-safe.</para>
/// </remarks>
internal sealed class FailedConnectBudgets(IOptions<FrontEndOptions> options, TimeProvider time)
{
    /// <summary>About 100 bytes each, so 1 MB in total.</summary>
    public const int MaxAddresses = 10_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<ClientAddress, TokenBucket> _used = [];
    private readonly KnownKeys _known = new(time);
    private readonly double _size = options.Value.FailedConnectsPerAddress;
    private readonly double _perSecond = options.Value.FailedConnectRatePerAddress;
    private TokenBucket _shared = new(options.Value.FailedConnectsPerAddress, time.GetTimestamp());
    private long _sweptAt = time.GetTimestamp();

    /// <summary>The number of addresses that have a budget of their own.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _used.Count;
            }
        }
    }

    /// <summary>Returns how long a connect must wait before it may be checked; zero if it may be checked now.</summary>
    public TimeSpan GetWait(ClientAddress address, string apiKey)
    {
        lock (_lock)
        {
            if (_known.Contains(apiKey))
            {
                return TimeSpan.Zero;
            }

            // Without an entry, the address has a full budget, or the shared one if no room is left.
            var bucket = _used.TryGetValue(address, out var own) ? own
                : HasRoom() ? new TokenBucket(_size, time.GetTimestamp())
                : _shared;
            bucket.Refill(_perSecond, _size, time);
            return bucket.UntilNext(_perSecond);
        }
    }

    public void Succeeded(string apiKey)
    {
        lock (_lock)
        {
            _known.Add(apiKey);
        }
    }

    public void Failed(ClientAddress address, string apiKey)
    {
        lock (_lock)
        {
            _known.Remove(apiKey);
            if (_used.TryGetValue(address, out var bucket))
            {
                _used[address] = Spend(bucket);
            }
            else if (HasRoom())
            {
                _used[address] = Spend(new TokenBucket(_size, time.GetTimestamp()));
            }
            else
            {
                _shared = Spend(_shared);
            }
        }
    }

    private TokenBucket Spend(TokenBucket bucket)
    {
        bucket.Refill(_perSecond, _size, time);
        bucket.Add(-1);
        return bucket;
    }

    /// <summary>
    /// Returns whether there is room for one more budget. Removes full budgets first, at most once per
    /// <see cref="SweepInterval"/>.
    /// </summary>
    private bool HasRoom()
    {
        if (_used.Count >= MaxAddresses && time.GetElapsedTime(_sweptAt) >= SweepInterval)
        {
            _sweptAt = time.GetTimestamp();
            foreach (var (address, bucket) in _used)
            {
                var refilled = bucket;
                refilled.Refill(_perSecond, _size, time);
                if (refilled.Tokens >= _size)
                {
                    _used.Remove(address);
                }
            }
        }

        return _used.Count < MaxAddresses;
    }
}
