using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using OrdersActors.Grains.Authentication;
using OrdersActors.Server.Hosting;

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
        var secret = new Option<string?>("--api-secret")
        {
            Description = "The key's secret, or - to read it from standard input. Other users of the machine can see a "
                + $"command line: prefer standard input, or the environment variable {ApiSecret.Variable}, "
                + "which is the default.",
        };
        var timestamp = new Option<long?>("--timestamp")
        {
            Description = "Unix seconds; default now. By default a server accepts it for 300 s before and after.",
        };
        timestamp.Validators.Add(CheckTimestamp);
        var command = new Command("sign", "Print an authorization_signature for GET /ws.") { key, secret, timestamp };
        command.Validators.Add(result =>
        {
            if (result.GetResult(secret) is null
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ApiSecret.Variable)))
            {
                result.AddError(
                    $"Option '--api-secret' is required, or the environment variable {ApiSecret.Variable}.");
            }
        });
        command.SetAction(async (call, cancellationToken) =>
        {
            var apiKey = call.GetRequiredValue(key);
            var apiSecret = await ApiSecret.ReadAsync(call.GetValue(secret), Console.In, cancellationToken);
            if (ApiSecret.Refusal(apiKey, apiSecret) is { } refusal)
            {
                throw new StartupException(refusal);
            }

            if (ApiSecret.Doubt(apiSecret) is { } doubt)
            {
                await Console.Error.WriteLineAsync($"warning: {doubt}");
            }

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
