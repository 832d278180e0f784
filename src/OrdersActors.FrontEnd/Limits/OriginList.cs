namespace OrdersActors.FrontEnd.Limits;

/// <summary>A list of origins from which pages may connect, as a setting gives it.</summary>
internal sealed class OriginList
{
    private const string Any = "*";

    private readonly HashSet<string> _origins;

    private OriginList(HashSet<string> origins) => _origins = origins;

    /// <summary>
    /// Whether the list contains the origin, as browsers write it in the header <c>Origin</c>. The list never contains
    /// <c>null</c>, the origin of pages without one, except through <c>*</c>.
    /// </summary>
    public bool Contains(string origin) => _origins.Contains(origin) || _origins.Contains(Any);

    /// <summary>Parses origins, separated by commas, or <c>*</c> for any.</summary>
    /// <exception cref="FormatException">An entry is not an origin. The message names it.</exception>
    public static OriginList Parse(string? list) => new(
    [
        .. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(ParseOne),
    ]);

    private static string ParseOne(string entry)
    {
        if (entry == Any)
        {
            return entry;
        }

        // A URI without a path gets the path "/", so an entry that ends with a slash is found by its text.
        if (!Uri.TryCreate(entry, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.UserInfo.Length > 0
            || uri.PathAndQuery.TrimStart('/').Length > 0 || uri.Fragment.Length > 0
            || entry.EndsWith('/') || entry.Contains('*', StringComparison.Ordinal))
        {
            throw new FormatException(
                $"'{entry}' is not an origin such as https://shop.example or http://localhost:3000, and not *");
        }

        // A browser sends the origin in lower case, in Punycode and without a default port. Uri has the scheme in lower
        // case.
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return $"{uri.Scheme}://{host.ToLowerInvariant()}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}";
    }
}
