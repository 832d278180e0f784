using System.CommandLine;
using System.CommandLine.Parsing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands;

/// <summary>
/// <c>token</c>: prints a token that lets one customer's client watch some orders, or the whole organization, for a
/// limited time.
/// </summary>
internal static class TokenCommand
{
    // The bounds of the setting OrdersActors:Authentication:MaxTokenLifetime, and its default.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);
    private static readonly TimeSpan Usual = new AuthenticationOptions().MaxTokenLifetime;

    public static Command Create()
    {
        var key = new Option<string>("--api-key") { Description = "The API key.", Required = true };
        var secret = new SecretOption();
        var orders = new Option<string[]>("--order")
        {
            Description =
                $"An order that may be watched. Give it once for each order, at most {TokenSigner.MaxOrders}.",
        };
        var organization = new Option<bool>("--organization-wide")
        {
            Description = "The whole organization may be watched, instead of single orders.",
        };
        var customer = new Option<string?>("--customer")
        {
            Description = "The customer, for the server's logs (the claim sub).",
        };
        var lifetime = new Option<string>("--lifetime")
        {
            Description = "How long the token is valid: 90s, 15m, 1h or 1d. By default a server accepts at most 24h.",
            DefaultValueFactory = _ => "1h",
        };
        orders.Validators.Add(CheckOrders);
        customer.Validators.Add(CheckCustomer);
        lifetime.Validators.Add(CheckLifetime);
        var command = new Command("token", "Print a token for the client of one customer.") { key };
        secret.AddTo(command);
        command.Add(orders);
        command.Add(organization);
        command.Add(customer);
        command.Add(lifetime);
        command.Validators.Add(result =>
        {
            if (result.GetResult(orders) is null == result.GetResult(organization) is null)
            {
                result.AddError("Either '--order' or '--organization-wide' is required, and not both.");
            }
        });
        command.SetAction(async (call, cancellationToken) =>
        {
            var apiKey = call.GetRequiredValue(key);
            var apiSecret = await secret.ReadAsync(call, apiKey, cancellationToken);
            var valid = CommandDuration.Parse(call.GetRequiredValue(lifetime))!.Value;
            var now = DateTimeOffset.UtcNow;
            await PrintAsync(apiKey, apiSecret, now, new TokenGrant(
                call.GetValue(orders) ?? [], call.GetValue(organization), now + valid, call.GetValue(customer)));
            return ServerCommandLine.Done;
        });
        return command;
    }

    private static async Task PrintAsync(string apiKey, string apiSecret, DateTimeOffset now, TokenGrant grant)
    {
        var token = TokenSigner.Create(apiKey, apiSecret, grant, now);
        if (token.Length > TokenSigner.MaxLength)
        {
            throw new StartupException(
                $"the token has {token.Length} characters, and a server accepts {TokenSigner.MaxLength}: name fewer "
                + "orders");
        }

        if (grant.ExpiresAt - now > Usual)
        {
            await Console.Error.WriteLineAsync(
                "warning: a server refuses a token that is valid for more than 24h, unless its setting "
                + "OrdersActors:Authentication:MaxTokenLifetime is longer");
        }

        Console.WriteLine(token);
    }

    private static void CheckOrders(OptionResult result)
    {
        if (result.Tokens.Count > TokenSigner.MaxOrders)
        {
            result.AddError(
                $"Option '--order' must be given at most {TokenSigner.MaxOrders} times, is given "
                + $"{result.Tokens.Count} times.");
        }

        if (result.Tokens.Any(token => !OrderEventRules.IsOrderId(token.Value)))
        {
            result.AddError(
                $"Option '--order' must have 1 to {OrderEventRules.MaxOrderIdLength} characters and no control "
                + "characters.");
        }
    }

    private static void CheckCustomer(OptionResult result)
    {
        if (result.Tokens is [{ Value: var customer }] && !OrderEventRules.IsOrderId(customer))
        {
            result.AddError("Option '--customer' must have 1 to 128 characters and no control characters.");
        }
    }

    private static void CheckLifetime(OptionResult result)
    {
        if (result.Tokens is [{ Value: var text }]
            && !(CommandDuration.Parse(text) is { } valid && valid >= Shortest && valid <= Longest))
        {
            result.AddError($"Option '--lifetime' must be 1s to 31d, such as 90s, 15m, 1h or 1d, is '{text}'.");
        }
    }
}
