using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.FrontEnd;

/// <summary>Checks the settings of <see cref="FrontEndOptions"/> that ranges cannot check.</summary>
internal sealed class FrontEndOptionsCheck : IValidateOptions<FrontEndOptions>
{
    public ValidateOptionsResult Validate(string? name, FrontEndOptions options)
    {
        try
        {
            KnownProxies.Parse(options.KnownProxies);
            return ValidateOptionsResult.Success;
        }
        catch (FormatException e)
        {
            return ValidateOptionsResult.Fail($"OrdersActors:FrontEnd:{nameof(options.KnownProxies)}: {e.Message}");
        }
    }
}
