using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Decides from which origins the pages of browsers may use this server
/// (<see cref="FrontEndOptions.AllowedOrigins"/>).
/// </summary>
/// <remarks>
/// An origin is no authentication: only browsers enforce it, and every other program can send any origin or none. The
/// check keeps a key or token that was copied into a foreign page from working there. Refusals are logged at Warning
/// with the name of the setting; the client gets no hint on it.
/// </remarks>
internal sealed partial class AllowedOrigins
{
    private const int LongestLogged = 200;

    private readonly Dictionary<string, OriginList> _organizations = new(StringComparer.OrdinalIgnoreCase);
    private readonly OriginList? _default;
    private readonly ILogger<AllowedOrigins> _logger;

    public AllowedOrigins(IOptions<FrontEndOptions> options, ILogger<AllowedOrigins> logger)
    {
        _logger = logger;
        var settings = options.Value;
        _default = string.IsNullOrEmpty(settings.DefaultAllowedOrigins)
            ? null
            : OriginList.Parse(settings.DefaultAllowedOrigins);
        foreach (var (organization, list) in settings.AllowedOrigins)
        {
            _organizations[organization] = OriginList.Parse(list);
        }
    }

    /// <summary>
    /// Whether a request of this origin may act for the organization. Without an origin it may, and so it may if no
    /// list applies to the organization.
    /// </summary>
    public bool Permits(string organizationId, string? origin)
    {
        if (string.IsNullOrEmpty(origin) || ListOf(organizationId) is not { } list || list.Contains(origin))
        {
            return true;
        }

        var setting = _organizations.ContainsKey(organizationId)
            ? $"{nameof(FrontEndOptions.AllowedOrigins)}:{organizationId}"
            : nameof(FrontEndOptions.DefaultAllowedOrigins);
        LogRefused(organizationId, origin.Length > LongestLogged ? origin[..LongestLogged] : origin, setting);
        return false;
    }

    /// <summary>Whether the organization lists the origin, so that a page of it may read answers.</summary>
    public bool IsListed(string organizationId, string origin) =>
        ListOf(organizationId) is { } list && list.Contains(origin);

    /// <summary>
    /// Whether any list contains the origin. A preflight has no credentials, so its organization is not known.
    /// </summary>
    public bool IsListedByAny(string origin) =>
        _default?.Contains(origin) is true || _organizations.Values.Any(list => list.Contains(origin));

    private OriginList? ListOf(string organizationId) => _organizations.GetValueOrDefault(organizationId) ?? _default;

    [LoggerMessage(1350, LogLevel.Warning,
        "Refused a request for {OrganizationId} from a page of the origin {Origin}, because the setting "
        + "OrdersActors:FrontEnd:{Setting} does not contain it")]
    private partial void LogRefused(string organizationId, string origin, string setting);
}
