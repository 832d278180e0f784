using System.CommandLine;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>The options that several <c>keys</c> commands have.</summary>
internal static class KeyOptions
{
    private const string Open = "open";
    private const string Restricted = "restricted";

    public static Argument<string> Key() => new("key") { Description = "The API key." };

    public static Option<string?> Access(string ofDefault)
    {
        var access = new Option<string?>("--access")
        {
            Description = "open: the key alone may watch orders whose id the client knows; restricted: every "
                + $"subscription needs a signature or a token{ofDefault}.",
        };
        access.AcceptOnlyFromAmong(Open, Restricted);
        return access;
    }

    public static Option<string?> Expires(bool mayBeNever, string ofDefault)
    {
        var expires = new Option<string?>("--expires")
        {
            Description = "When the key ends by itself: a date such as 2027-01-31 (00:00 UTC), a time such as "
                + "2027-01-31T12:00:00Z, or a time from now such as 90d, 12h, 30m or 45s"
                + $"{(mayBeNever ? "; or never" : "")}{ofDefault}.",
        };
        expires.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }]
                && ExpiryText.FindError(text, mayBeNever, DateTimeOffset.UtcNow) is { } error)
            {
                result.AddError($"Option '--expires' {error}");
            }
        });
        return expires;
    }

    /// <summary>The access mode of a call; null if the option was not given.</summary>
    public static ApiKeyAccess? ReadAccess(ParseResult call, Option<string?> access) => call.GetValue(access) switch
    {
        null => null,
        Open => ApiKeyAccess.Open,
        _ => ApiKeyAccess.Restricted,
    };

    /// <summary>The expiry of a call; null if the key never expires, or the option was not given.</summary>
    public static DateTimeOffset? ReadExpiry(ParseResult call, Option<string?> expires) =>
        call.GetValue(expires) is { } text ? ExpiryText.Parse(text, DateTimeOffset.UtcNow) : null;
}
