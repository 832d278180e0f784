using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrdersActors.Grains.Authentication;

namespace OrdersActors.Server.Commands;

/// <summary>
/// <c>sign</c>: prints an authorization signature for a client that subscribes to the whole organization.
/// </summary>
internal static class SignCommand
{
    // The end of the year 9999, the maximum of DateTimeOffset.
    private const long LastSecond = 253_402_300_799;

    public static Command Create()
    {
        var key = new Option<string>("--api-key") { Description = "The API key.", Required = true };
        var secret = new SecretOption();
        var timestamp = new Option<long?>("--timestamp")
        {
            Description = "Unix seconds; default now. By default a server accepts it for 300 s before and after.",
        };
        timestamp.Validators.Add(CheckTimestamp);
        var command = new Command("sign", "Print an authorization_signature for GET /ws.") { key };
        secret.AddTo(command);
        command.Add(timestamp);
        command.SetAction(async (call, cancellationToken) =>
        {
            var apiKey = call.GetRequiredValue(key);
            var apiSecret = await secret.ReadAsync(call, apiKey, cancellationToken);

            var at = call.GetValue(timestamp) is { } seconds
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : DateTimeOffset.UtcNow;
            Console.WriteLine(AuthorizationSignature.Create(apiKey, apiSecret, at));
            return ServerCommandLine.Done;
        });
        return command;
    }

    private static void CheckTimestamp(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }]
            && long.TryParse(text, CultureInfo.InvariantCulture, out var seconds)
            && seconds is < 0 or > LastSecond)
        {
            result.AddError($"Option '--timestamp' must be 0 to {LastSecond}, is {seconds}.");
        }
    }
}
