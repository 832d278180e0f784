namespace OrdersActors.Storage.ApiKeys;

/// <summary>The texts about keys that logs and operators see.</summary>
public static class ApiKeyText
{
    // The prefix of a key and 24 of its 128 random bits: enough to find the key in a list, too few to guess it.
    private const int ShownCharacters = 8;

    /// <summary>The beginning of a key, for logs. The whole key would let a reader of the log connect.</summary>
    public static string Shorten(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Length <= ShownCharacters ? key : $"{key[..ShownCharacters]}…";
    }

    /// <summary>The name of an access mode in commands and logs.</summary>
    public static string Name(ApiKeyAccess access) => access == ApiKeyAccess.Open ? "open" : "restricted";

    /// <summary>The time of an expiry, or <c>never</c>.</summary>
    public static string Expiry(DateTimeOffset? at) => at is { } time ? $"{time.UtcDateTime:O}" : "never";
}
