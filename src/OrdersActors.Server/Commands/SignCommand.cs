using System.CommandLine;
using System.Globalization;
using OrdersActors.Grains.Authentication;

namespace OrdersActors.Server.Commands;

/// <summary><c>sign</c>: an authorization signature for a client that wants the whole organization.</summary>
internal static class SignCommand
{
    // The end of the year 9999, the last that a DateTimeOffset can hold.
    private const long LastSecond = 253_402_300_799;

    public static Command Create()
    {
        var key = new Option<string>("--api-key") { Description = "The API key.", Required = true };
        var secret = new Option<string>("--api-secret") { Description = "The key's secret.", Required = true };
        var timestamp = new Option<long?>("--timestamp") { Description = "Unix seconds; default now. Valid for 300 s either way." };
        timestamp.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is (< 0 or > LastSecond))
            {
                result.AddError($"Option '--timestamp' must be 0 to {LastSecond}, is {seconds}.");
            }
        });
        var command = new Command("sign", "Print an authorization_signature for GET /ws.") { key, secret, timestamp };
        command.SetAction(call =>
        {
            var at = call.GetValue(timestamp) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.UtcNow;
            Console.WriteLine(AuthorizationSignature.Create(call.GetRequiredValue(key), call.GetRequiredValue(secret), at));
            return 0;
        });
        return command;
    }
}
