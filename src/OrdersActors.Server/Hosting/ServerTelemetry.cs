using OrdersActors.Server.Telemetry;

namespace OrdersActors.Server.Hosting;

/// <summary>Reads where a server sends its metrics and traces.</summary>
internal static class ServerTelemetry
{
    /// <summary>Reads the settings.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    public static TelemetryOptions Read(IConfiguration configuration) => ServerStorage.Read(
        configuration, TelemetryOptions.Section, new TelemetryOptions(), options => options.ReadOtlp(configuration));
}
