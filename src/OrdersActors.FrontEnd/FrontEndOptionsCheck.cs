using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.FrontEnd;

/// <summary>Checks the settings of <see cref="FrontEndOptions"/> that ranges cannot check.</summary>
internal sealed class FrontEndOptionsCheck : IValidateOptions<FrontEndOptions>
{
    public ValidateOptionsResult Validate(string? name, FrontEndOptions options)
    {
        List<string> failures = [];
        Check(failures, nameof(options.KnownProxies), () => KnownProxies.Parse(options.KnownProxies));
        Check(
            failures, nameof(options.DefaultAllowedOrigins), () => OriginList.Parse(options.DefaultAllowedOrigins));
        foreach (var (organization, list) in options.AllowedOrigins)
        {
            Check(failures, $"{nameof(options.AllowedOrigins)}:{organization}", () => OriginList.Parse(list));
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void Check(List<string> failures, string setting, Func<object> parse)
    {
        try
        {
            parse();
        }
        catch (FormatException e)
        {
            failures.Add($"OrdersActors:FrontEnd:{setting}: {e.Message}");
        }
    }
}
