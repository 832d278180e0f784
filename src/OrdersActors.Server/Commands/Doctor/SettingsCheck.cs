using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.Grains;
using OrdersActors.Grains.Authentication;
using OrdersActors.Http;
using OrdersActors.Server.Commands.Settings;
using OrdersActors.Server.Hosting;
using OrdersActors.Server.Operators;
using OrdersActors.Storage.Retention;
using OrdersActors.Streaming;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>
/// Checks that every setting has a value that the server accepts, and that every name is known. The server ignores a
/// misspelled name, and the default stays in force.
/// </summary>
internal static class SettingsCheck
{
    private const string FixValue = "correct the value; silo-config/README.md links to the ranges and defaults";

    public static void Run(DoctorContext context, Findings findings)
    {
        var configuration = context.Configuration;
        Action[] readers =
        [
            () => ServerOptions.Read(configuration),
            () => LogOptions.Read(configuration),
            () => OperatorOptions.Read(configuration),
            () => ServerTelemetry.Read(configuration),
            () => ListenUrls.Resolve(Copy(configuration)),
            () => Read(configuration, "OrdersActors:Grains", new OrderGrainOptions()),
            () => Read(configuration, "OrdersActors:Authentication", new AuthenticationOptions()),
            () => Read(configuration, "OrdersActors:Streaming", new OrderStreamOptions()),
            () => ValidateHosted(configuration),
        ];
        foreach (var read in readers)
        {
            try
            {
                read();
            }
            catch (Exception e) when (ServerCommandLine.OneLine(e) is { } line)
            {
                findings.Report(line, FixValue);
            }
        }

        foreach (var name in UnknownNames(configuration))
        {
            findings.Report(
                $"{name} is not a setting, so it has no effect",
                "correct the name ('config show' lists all names), or remove it");
        }

        if (findings.All.Count == 0)
        {
            findings.Ok("every setting has a known name and a valid value");
        }
    }

    /// <summary>The names under <c>OrdersActors</c> that are no settings.</summary>
    private static IEnumerable<string> UnknownNames(IConfiguration configuration) =>
        from setting in configuration.GetSection("OrdersActors").AsEnumerable()
        where setting.Value is not null && !KnownSettings.Has(setting.Key)
        // An unknown name of TLS already fails the start, and is reported with the values.
        where !setting.Key.StartsWith(ServerTls.Section + ":", StringComparison.OrdinalIgnoreCase)
        orderby setting.Key
        select setting.Key;

    /// <summary>Validates the settings that the server's services validate at their start.</summary>
    private static void ValidateHosted(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddLogging();
        services.AddOrderFrontEnd();
        services.AddOrderHttp();
        services.AddOrderRetention();
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
    }

    private static void Read<T>(IConfiguration configuration, string section, T options)
        where T : class => ServerStorage.Read(configuration, section, options, _ => { });

    // Resolving the URLs changes the configuration.
    private static IConfigurationRoot Copy(IConfiguration configuration) =>
        new ConfigurationBuilder().AddInMemoryCollection(configuration.AsEnumerable()).Build();
}
