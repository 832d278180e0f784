using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Enforces the limits on connections: in total, per second, per address, of those that have not authenticated, and per
/// organization, key and customer. A connection counts from before its upgrade to its end, and for its owner from its
/// connect on.
/// </summary>
/// <remarks>
/// Every refusal is counted (<see cref="ConnectionMetrics"/>) and logged at Debug with its address. A warning
/// summarizes refusals at most once per <see cref="WarningInterval"/>, so that an attacker cannot fill the log by
/// connecting. Thread-safe.
/// </remarks>
internal sealed partial class ConnectionAdmission(
    IOptions<FrontEndOptions> options, TimeProvider time, ILogger<ConnectionAdmission> logger)
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly FrontEndOptions _limits = options.Value;

    // One entry for each address with a connection.
    private readonly Dictionary<ClientAddress, int> _perAddress = [];
    private readonly OwnerCounts _owners = new(options.Value);
    private TokenBucket _arrivals = new(options.Value.ConnectBurst, time.GetTimestamp());
    private int _total;
    private int _unauthenticated;
    private int _refusedSinceWarning;
    private long? _warnedAt;

    /// <summary>Takes a slot for a connection, or returns the reason why it is refused.</summary>
    public bool TryEnter(
        IPAddress? address, [NotNullWhen(true)] out Slot? slot,
        [NotNullWhen(false)] out AdmissionRefusal? refusal)
    {
        lock (_lock)
        {
            refusal = Check(address);
            if (refusal is null)
            {
                _arrivals.Add(-1);
                _total++;
                _unauthenticated++;
                var key = ClientAddress.Of(address);
                _perAddress[key] = _perAddress.GetValueOrDefault(key) + 1;
            }
        }

        if (refusal is not null)
        {
            slot = null;
            OnRefused(address, refusal);
            return false;
        }

        slot = new Slot(this, address);
        ConnectionMetrics.CountOpened();
        return true;
    }

    private void Authenticated()
    {
        lock (_lock)
        {
            _unauthenticated--;
        }
    }

    /// <summary>
    /// Counts a connection for its owner, instead of for the owner that it had before. Returns the reason if it is
    /// refused; then nothing changes.
    /// </summary>
    private AdmissionRefusal? Admit(IPAddress? address, ConnectionOwner owner, ConnectionOwner? before)
    {
        AdmissionRefusal? refusal;
        lock (_lock)
        {
            refusal = _owners.Replace(before, owner);
        }

        if (refusal is not null)
        {
            OnRefused(address, refusal);
        }

        return refusal;
    }

    private void Leave(IPAddress? address, bool isAuthenticated, ConnectionOwner? owner)
    {
        lock (_lock)
        {
            _owners.Remove(owner);
            _total--;
            _unauthenticated -= isAuthenticated ? 0 : 1;
            var key = ClientAddress.Of(address);
            if (--_perAddress[key] <= 0)
            {
                _perAddress.Remove(key);
            }
        }

        ConnectionMetrics.CountEnded();
    }

    private AdmissionRefusal? Check(IPAddress? address) =>
        IsReached(_limits.MaxConnections, _total) ? AdmissionRefusal.Total
        : IsTooFast() ? AdmissionRefusal.Rate
        : IsReached(_limits.MaxUnauthenticatedConnections, _unauthenticated) ? AdmissionRefusal.Unauthenticated
        : address is not null
            && IsReached(_limits.MaxConnectionsPerAddress, _perAddress.GetValueOrDefault(ClientAddress.Of(address)))
                ? AdmissionRefusal.Address
        : null;

    private bool IsTooFast()
    {
        if (_limits.ConnectRate == 0)
        {
            return false;
        }

        _arrivals.Refill(_limits.ConnectRate, _limits.ConnectBurst, time);
        return _arrivals.Tokens < 1;
    }

    private static bool IsReached(int limit, int count) => limit > 0 && count >= limit;

    private void OnRefused(IPAddress? address, AdmissionRefusal refusal)
    {
        ConnectionMetrics.CountRefused(refusal.Limit);
        LogRefused(address, refusal.Limit);
        int count;
        lock (_lock)
        {
            _refusedSinceWarning++;
            if (_warnedAt is { } warnedAt && time.GetElapsedTime(warnedAt) < WarningInterval)
            {
                return;
            }

            _warnedAt = time.GetTimestamp();
            (count, _refusedSinceWarning) = (_refusedSinceWarning, 0);
        }

        LogManyRefused(count, refusal.Limit, address, WarningInterval);
    }

    /// <summary>An admitted connection's slot. Used only by the connection's own task.</summary>
    public sealed class Slot(ConnectionAdmission admission, IPAddress? address) : IDisposable
    {
        private bool _isAuthenticated;
        private ConnectionOwner? _owner;

        /// <summary>The client's address, for logs; null on a Unix socket.</summary>
        public IPAddress? Address => address;

        /// <summary>
        /// Records that the connection has authenticated and no longer counts as one that has not. May be called again.
        /// </summary>
        public void Authenticated()
        {
            if (!_isAuthenticated)
            {
                _isAuthenticated = true;
                admission.Authenticated();
            }
        }

        /// <summary>
        /// Counts the connection for its owner, which authentication has established. Returns the reason if the owner
        /// has reached a limit; then the connection must not be served for this owner. May be called again.
        /// </summary>
        public AdmissionRefusal? Admit(ConnectionOwner owner)
        {
            if (owner == _owner)
            {
                return null;
            }

            var refusal = admission.Admit(address, owner, _owner);
            _owner = refusal is null ? owner : _owner;
            return refusal;
        }

        public void Dispose() => admission.Leave(address, _isAuthenticated, _owner);
    }

    [LoggerMessage(1340, LogLevel.Warning,
        "Refused {Count} connections since the last such warning. The newest one came from {RemoteAddress} and was "
        + "refused because of the limit {Limit}. The next warning comes after {Interval} at the earliest; "
        + "the metric orders_actors.connections_refused counts every refusal")]
    private partial void LogManyRefused(int count, string limit, IPAddress? remoteAddress, TimeSpan interval);

    [LoggerMessage(1341, LogLevel.Debug, "Refused a connection from {RemoteAddress} because of the limit {Limit}")]
    private partial void LogRefused(IPAddress? remoteAddress, string limit);
}
