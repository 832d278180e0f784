using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Limits;

/// <summary>
/// Enforces the limits on publishing requests: how many run at once in total and for one key, how many come with one
/// key per second, and how much memory their bodies take together.
/// </summary>
/// <remarks>
/// A request passes in three steps: <see cref="Enter"/> before it is authenticated, <see cref="Admission.Admit"/> when
/// its key is known, and <see cref="Admission.Reserve"/> before its body is read. So a request without valid
/// credentials takes one slot for as long as it is checked, and no memory. Only valid keys have an entry. At most
/// <see cref="MaxKeys"/> are kept: those that are idle with a full budget are removed to make room, and if there is no
/// room, all further keys share one entry. Thread-safe.
/// </remarks>
internal sealed class RequestGate(IOptions<HttpOptions> options, TimeProvider time)
{
    /// <summary>About 200 bytes each, so 2 MB in total.</summary>
    public const int MaxKeys = 10_000;

    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HttpOptions _limits = options.Value;
    private readonly Dictionary<string, KeyUsage> _keys = new(StringComparer.Ordinal);
    private readonly KeyUsage _shared = new(options.Value.RequestBurst, time.GetTimestamp());
    private long _sweptAt = time.GetTimestamp();
    private int _running;
    private long _bytes;

    /// <summary>The number of keys that have an entry of their own.</summary>
    public int KeyCount
    {
        get
        {
            lock (_lock)
            {
                return _keys.Count;
            }
        }
    }

    /// <summary>The bytes that are reserved at the moment.</summary>
    public long ReservedBytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Takes a slot for a request. The caller disposes of it when the request has been answered.</summary>
    /// <exception cref="ProblemException">503: too many requests run at the moment.</exception>
    public Admission Enter()
    {
        lock (_lock)
        {
            if (_running >= _limits.MaxConcurrentRequests)
            {
                throw new ProblemException(
                    503, ProblemCode.Unavailable, "this server handles too many requests at the moment; try again")
                {
                    RetryAfter = ShortestRetry,
                };
            }

            _running++;
            return new Admission(this);
        }
    }

    private KeyUsage Admit(string apiKey)
    {
        lock (_lock)
        {
            var usage = Find(apiKey);
            usage.Requests.Refill(_limits.RequestRate, _limits.RequestBurst, time);
            if (usage.Requests.UntilNext(_limits.RequestRate) is var wait && wait > TimeSpan.Zero)
            {
                throw TooMany(
                    $"this API key may send {_limits.RequestRate} requests per second; send several events in one "
                    + "request, or try again later", wait);
            }

            if (usage.Running >= _limits.MaxConcurrentRequestsPerKey)
            {
                throw TooMany(
                    $"this API key may have {_limits.MaxConcurrentRequestsPerKey} requests at the same time; await "
                    + "some answers", ShortestRetry);
            }

            usage.Requests.Add(-1);
            usage.Running++;
            return usage;
        }
    }

    private static ProblemException TooMany(string detail, TimeSpan wait) =>
        new(429, ProblemCode.RateLimited, detail) { RetryAfter = wait };

    private void Reserve(long more)
    {
        lock (_lock)
        {
            if (more > 0 && _bytes + more > _limits.MaxBufferedBytes)
            {
                throw new ProblemException(
                    503, ProblemCode.Unavailable, "this server holds too many large requests at the moment; try again")
                {
                    RetryAfter = ShortestRetry,
                };
            }

            _bytes += more;
        }
    }

    private void Leave(KeyUsage? usage, long bytes)
    {
        lock (_lock)
        {
            _running--;
            _bytes -= bytes;
            if (usage is not null)
            {
                usage.Running--;
            }
        }
    }

    private KeyUsage Find(string apiKey)
    {
        if (_keys.TryGetValue(apiKey, out var known))
        {
            return known;
        }

        if (_keys.Count >= MaxKeys && time.GetElapsedTime(_sweptAt) >= SweepInterval)
        {
            _sweptAt = time.GetTimestamp();
            RemoveIdle();
        }

        return _keys.Count >= MaxKeys
            ? _shared
            : _keys[apiKey] = new KeyUsage(_limits.RequestBurst, time.GetTimestamp());
    }

    private void RemoveIdle()
    {
        foreach (var (key, usage) in _keys)
        {
            usage.Requests.Refill(_limits.RequestRate, _limits.RequestBurst, time);
            if (usage.Running == 0 && usage.Requests.Tokens >= _limits.RequestBurst)
            {
                _keys.Remove(key);
            }
        }
    }

    /// <summary>An admitted request's slot. Used by one request, which does one thing at a time.</summary>
    public sealed class Admission(RequestGate gate) : IDisposable
    {
        private KeyUsage? _usage;
        private long _bytes;

        /// <summary>Counts the request for its key, which has authenticated.</summary>
        /// <exception cref="ProblemException">
        /// 429: the key has used up its budget, or has too many requests.
        /// </exception>
        public void Admit(string apiKey) => _usage = gate.Admit(apiKey);

        /// <summary>Reserves memory, so that the request has at least that much.</summary>
        /// <exception cref="ProblemException">503: the bodies take too much memory at the moment.</exception>
        public void Reserve(long bytes)
        {
            if (bytes > _bytes)
            {
                gate.Reserve(bytes - _bytes);
                _bytes = bytes;
            }
        }

        public void Dispose() => gate.Leave(_usage, _bytes);
    }

    private sealed class KeyUsage(double burst, long now)
    {
        // A field, because the bucket is a struct that changes in place.
        public TokenBucket Requests = new(burst, now);

        public int Running { get; set; }
    }
}
