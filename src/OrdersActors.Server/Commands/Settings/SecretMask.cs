using System.Data.Common;

namespace OrdersActors.Server.Commands.Settings;

/// <summary>Removes secrets from the values of settings.</summary>
internal static class SecretMask
{
    /// <summary>What is shown instead of a secret.</summary>
    public const string Hidden = "********";

    private const string ConnectionStrings = "ConnectionStrings:";

    // The end of a name. Headers of a telemetry exporter usually contain a key.
    private static readonly string[] SecretNames = ["Password", "Secret", "Token", "ApiKey", "Headers"];
    private static readonly string[] SecretParts = ["password", "pwd", "passfile", "ssl password"];

    /// <summary>Returns the value of a setting without its secrets.</summary>
    public static string Apply(string name, string value) =>
        value.Length == 0 ? value
        : SecretNames.Any(secret => name.EndsWith(secret, StringComparison.OrdinalIgnoreCase)) ? Hidden
        : name.StartsWith(ConnectionStrings, StringComparison.OrdinalIgnoreCase) ? WithoutPassword(value)
        : WithoutUser(value);

    private static string WithoutPassword(string connection)
    {
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = connection };
            foreach (var secret in SecretParts.Where(parts.ContainsKey))
            {
                parts[secret] = Hidden;
            }

            return parts.ConnectionString;
        }
        catch (ArgumentException)
        {
            // It cannot be parsed, so nobody knows where its password is.
            return Hidden;
        }
    }

    /// <summary>Hides the user information of a URL, such as that in <c>https://user:password@host</c>.</summary>
    private static string WithoutUser(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0
            ? value.Replace(uri.UserInfo, Hidden, StringComparison.Ordinal)
            : value;
}
