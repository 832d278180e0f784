using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace OrdersActors.Server.Operators;

/// <summary>
/// Signs operators in. A session is a random text in a cookie; the server keeps only its hash, and forgets all sessions
/// when it ends. Failed attempts are limited for each address. Thread-safe; bounded.
/// </summary>
internal sealed class OperatorSessions(string password, TimeProvider time)
{
    /// <summary>How long a session is valid.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    private const int MostSessions = 100;
    private const int MostAddresses = 1000;
    private const int Attempts = 5;

    // One more attempt after each of these intervals. So a password of 12 characters cannot be guessed.
    private static readonly TimeSpan AttemptInterval = TimeSpan.FromSeconds(20);

    private readonly byte[] _password = SHA256.HashData(Encoding.UTF8.GetBytes(password));
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _sessions = [];
    private readonly Dictionary<IPAddress, (double Failed, long At)> _failures = [];

    /// <summary>
    /// Compares a password in constant time. Returns a new session; null if the password is wrong, or if this address
    /// has failed too often and must wait.
    /// </summary>
    public string? TrySignIn(string? given, IPAddress? address, out bool mustWait)
    {
        var isRight = CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(given ?? "")), _password);
        lock (_lock)
        {
            var from = Known(address);
            var failed = FailedOf(from);
            mustWait = failed > Attempts - 1;
            if (mustWait || !isRight)
            {
                // An attempt while it must wait is not checked and not counted.
                _failures[from] = (mustWait ? failed : failed + 1, time.GetTimestamp());
                return null;
            }

            _failures.Remove(from);
            return Begin();
        }
    }

    /// <summary>Whether a session is valid.</summary>
    public bool IsValid(string? session)
    {
        if (session is null)
        {
            return false;
        }

        lock (_lock)
        {
            return _sessions.TryGetValue(HashOf(session), out var beganAt) && time.GetElapsedTime(beganAt) < Lifetime;
        }
    }

    /// <summary>Ends a session.</summary>
    public void End(string session)
    {
        lock (_lock)
        {
            _sessions.Remove(HashOf(session));
        }
    }

    private static string HashOf(string session) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(session)));

    // Call under the lock, like those below.
    private string Begin()
    {
        foreach (var ended in _sessions.Where(session => time.GetElapsedTime(session.Value) >= Lifetime)
            .Select(session => session.Key).ToArray())
        {
            _sessions.Remove(ended);
        }

        if (_sessions.Count == MostSessions)
        {
            _sessions.Remove(_sessions.MinBy(session => session.Value).Key);
        }

        var begun = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        _sessions[HashOf(begun)] = time.GetTimestamp();
        return begun;
    }

    private double FailedOf(IPAddress address) => _failures.TryGetValue(address, out var known)
        ? Math.Max(0, known.Failed - (time.GetElapsedTime(known.At) / AttemptInterval))
        : 0;

    /// <summary>The address, or a common one if too many addresses have failed.</summary>
    private IPAddress Known(IPAddress? address)
    {
        address ??= IPAddress.None;
        if (_failures.ContainsKey(address) || _failures.Count < MostAddresses)
        {
            return address;
        }

        foreach (var forgotten in _failures.Keys.Where(known => FailedOf(known) == 0).ToArray())
        {
            _failures.Remove(forgotten);
        }

        return _failures.Count < MostAddresses ? address : IPAddress.None;
    }
}
