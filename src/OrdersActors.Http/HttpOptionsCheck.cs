using Microsoft.Extensions.Options;

namespace OrdersActors.Http;

/// <summary>Checks the settings of <see cref="HttpOptions"/> that ranges cannot check.</summary>
internal sealed class HttpOptionsCheck : IValidateOptions<HttpOptions>
{
    private const int Factor = 4;

    public ValidateOptionsResult Validate(string? name, HttpOptions options) =>
        options.MaxBufferedBytes >= Factor * (long)options.MaxBodyBytes
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"OrdersActors:Http:{nameof(options.MaxBufferedBytes)} must be at least {Factor} times "
                + $"{nameof(options.MaxBodyBytes)}, which is {options.MaxBodyBytes}");
}
