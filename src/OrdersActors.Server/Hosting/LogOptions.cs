using System.Globalization;
using Microsoft.Extensions.Logging.Console;

namespace OrdersActors.Server.Hosting;

/// <summary>The log of the server on the console. Section <c>OrdersActors:Log</c>.</summary>
internal sealed record LogOptions
{
    private const int LeastQueuedBytes = 64 * 1024;
    private const int MostQueuedBytes = 256 * 1024 * 1024;

    /// <summary>
    /// Whether each line is a JSON object, for collectors of logs; default false: text for people. Setting
    /// <c>Format</c>: <c>text</c> or <c>json</c>.
    /// </summary>
    public required bool IsJson { get; init; }

    /// <summary>
    /// Most bytes of lines that wait for the console; default 1 MiB, 64 KiB to 256 MiB. At the bound, lines are dropped
    /// and counted.
    /// </summary>
    public required int MaxQueuedBytes { get; init; }

    /// <summary>The name of the formatter of .NET's console logger.</summary>
    public string FormatterName => IsJson ? ConsoleFormatterNames.Json : ConsoleFormatterNames.Simple;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="StartupException">A setting is invalid. The message names it.</exception>
    public static LogOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("OrdersActors:Log");
        return new LogOptions
        {
            IsJson = section["Format"]?.ToLowerInvariant() switch
            {
                null or "" or "text" => false,
                "json" => true,
                var other => throw new StartupException($"OrdersActors:Log:Format must be text or json, is '{other}'"),
            },
            MaxQueuedBytes = section["MaxQueuedBytes"] switch
            {
                null or "" => 1024 * 1024,
                { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                    && bytes is >= LeastQueuedBytes and <= MostQueuedBytes => bytes,
                { } text => throw new StartupException(
                    $"OrdersActors:Log:MaxQueuedBytes must be {LeastQueuedBytes} to {MostQueuedBytes}, is '{text}'"),
            },
        };
    }
}
