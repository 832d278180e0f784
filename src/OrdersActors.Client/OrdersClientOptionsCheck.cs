using Microsoft.Extensions.Options;

namespace OrdersActors.Client;

/// <summary>The rules for the options. Each message names the option.</summary>
internal sealed class OrdersClientOptionsCheck : IValidateOptions<OrdersClientOptions>
{
    private const int LeastBuffer = 64 * 1024;
    private const int MostBuffer = 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, OrdersClientOptions options)
    {
        var problems = Problems(options).ToArray();
        return problems.Length > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }

    public static IEnumerable<string> Problems(OrdersClientOptions options)
    {
        if (options.Address is not { IsAbsoluteUri: true, Scheme: "ws" or "wss" or "http" or "https" })
        {
            yield return "Address must be an absolute wss:, ws:, https: or http: address.";
        }

        if (string.IsNullOrEmpty(options.ApiKey))
        {
            yield return "ApiKey must not be empty.";
        }

        if (options.ApiSecret is "")
        {
            yield return "ApiSecret must not be empty.";
        }

        object?[] proofs = [options.GetToken, options.GetSignature, options.ApiSecret];
        if (proofs.Count(proof => proof is not null) > 1)
        {
            yield return "At most one of GetToken, GetSignature and ApiSecret may be set.";
        }

        if (options.MaxBufferedBytes is < LeastBuffer or > MostBuffer)
        {
            yield return $"MaxBufferedBytes must be {LeastBuffer} to {MostBuffer}.";
        }
    }
}
