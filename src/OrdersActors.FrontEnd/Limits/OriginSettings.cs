using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace OrdersActors.FrontEnd.Limits;

/// <summary>
/// Reads <see cref="FrontEndOptions.AllowedOrigins"/>. The list of an organization is one text, or an array of a
/// configuration file. The usual binding would silently skip an array, and the organization would have no list.
/// </summary>
internal static class OriginSettings
{
    private const string Section = "OrdersActors:FrontEnd:" + nameof(FrontEndOptions.AllowedOrigins);

    public static void Read(FrontEndOptions options, IConfiguration configuration)
    {
        options.AllowedOrigins.Clear();
        foreach (var (path, value) in configuration.GetSection(Section).AsEnumerable(makePathsRelative: true))
        {
            if (value is null)
            {
                continue;
            }

            // The elements of an array have their index as the last part of their path.
            var last = path.LastIndexOf(':');
            var isElement = last > 0
                && int.TryParse(path.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
            var organization = isElement ? path[..last] : path;
            options.AllowedOrigins[organization] = options.AllowedOrigins.TryGetValue(organization, out var list)
                ? $"{list},{value}"
                : value;
        }
    }
}
