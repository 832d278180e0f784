using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Connections;
using OrdersActors.FrontEnd.Connections.Admission;

namespace OrdersActors.FrontEnd.Authentication;

/// <summary>
/// How many connects may fail for each address. Only failures count. While an address's budget is used up, its connects
/// are decided on at the rate at which the budget refills, so a client with the right key gets in there after some
/// retries.
/// </summary>
/// <remarks>
/// <para>A key that has authenticated lately here does not need the budget, so clients that share an attacker's address
/// reconnect at once. The first failure with such a key, by a wrong signature, ends the exception until the key
/// authenticates again.</para>
/// <para>Connects that are being decided on are not counted yet. They can overdraw the budget by as many as there are
/// turns (<see cref="FrontEndTurns.Requests"/>), and the time to refill is longer by that.</para>
/// <para>Memory is bounded: <see cref="MaxAddresses"/> budgets that are not full. When so many are in use, all further
/// addresses share one. Thread-safe.</para>
/// </remarks>
internal sealed class FailedConnectBudgets(IOptions<FrontEndOptions> options, TimeProvider time)
{
    /// <summary>A hundred bytes each: a megabyte.</summary>
    public const int MaxAddresses = 10_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<ClientAddress, TokenBucket> _used = [];
    private readonly KnownKeys _known = new(time);
    private readonly double _size = options.Value.FailedConnectsPerAddress;
    private readonly double _perSecond = options.Value.FailedConnectRatePerAddress;
    private TokenBucket _shared = new(options.Value.FailedConnectsPerAddress, time.GetTimestamp());
    private long _sweptAt = time.GetTimestamp();

    /// <summary>How many addresses have a budget that is not full.</summary>
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

    /// <summary>When a connect can be decided on; zero if now.</summary>
    public TimeSpan GetWait(ClientAddress address, string apiKey)
    {
        lock (_lock)
        {
            if (_known.Contains(apiKey))
            {
                return TimeSpan.Zero;
            }

            // Without an entry the budget is full, or it is the shared one.
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
    /// Whether one more budget can be kept. Makes room, at most once in a while, by forgetting those that are full.
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
