namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// The keys that have authenticated in the last ten to twenty minutes, at most twice <see cref="Generation"/> of them.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// The keys are in two generations. The older one is dropped as a whole when the younger one is full or old, so that no
/// key needs a timestamp.
/// </remarks>
internal sealed class KnownKeys(TimeProvider time)
{
    /// <summary>
    /// The maximum number of keys in a generation: more than a front end usually serves. A key that is dropped early
    /// only needs the budget again.
    /// </summary>
    public const int Generation = 5_000;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private HashSet<string> _younger = new(StringComparer.Ordinal);
    private HashSet<string> _older = new(StringComparer.Ordinal);
    private long _beganAt = time.GetTimestamp();

    public bool Contains(string key)
    {
        Rotate();
        return _younger.Contains(key) || _older.Contains(key);
    }

    public void Add(string key)
    {
        Rotate();
        _younger.Add(key);
    }

    public void Remove(string key)
    {
        _younger.Remove(key);
        _older.Remove(key);
    }

    private void Rotate()
    {
        if (_younger.Count >= Generation || time.GetElapsedTime(_beganAt) >= Lifetime)
        {
            (_older, _younger) = (_younger, new HashSet<string>(StringComparer.Ordinal));
            _beganAt = time.GetTimestamp();
        }
    }
}
