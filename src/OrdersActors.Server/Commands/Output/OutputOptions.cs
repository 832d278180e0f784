using System.CommandLine;

namespace OrdersActors.Server.Commands.Output;

/// <summary>The option that commands with a table have.</summary>
internal static class OutputOptions
{
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print JSON for programs instead of a table for people. Fields are only ever added.",
    };
}
