using System.CommandLine;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>The option <c>--api-secret</c> of the commands that sign something.</summary>
internal sealed class SecretOption
{
    private readonly Option<string?> _option = new("--api-secret")
    {
        Description = "The key's secret, or - to read it from standard input. Other users of the machine can see a "
            + $"command line: prefer standard input, or the environment variable {ApiSecret.Variable}, "
            + "which is the default.",
    };

    /// <summary>Adds the option to a command, which then requires a secret.</summary>
    public void AddTo(Command command)
    {
        command.Add(_option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_option) is null
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ApiSecret.Variable)))
            {
                result.AddError(
                    $"Option '--api-secret' is required, or the environment variable {ApiSecret.Variable}.");
            }
        });
    }

    /// <summary>Reads and checks the secret, and warns if it does not look like one.</summary>
    /// <exception cref="StartupException">The secret is missing, or cannot belong to the key.</exception>
    public async Task<string> ReadAsync(ParseResult call, string apiKey, CancellationToken cancellationToken)
    {
        var apiSecret = await ApiSecret.ReadAsync(call.GetValue(_option), Console.In, cancellationToken);
        if (ApiSecret.Refusal(apiKey, apiSecret) is { } refusal)
        {
            throw new StartupException(refusal);
        }

        if (ApiSecret.Doubt(apiSecret) is { } doubt)
        {
            await Console.Error.WriteLineAsync($"warning: {doubt}");
        }

        return apiSecret;
    }
}
