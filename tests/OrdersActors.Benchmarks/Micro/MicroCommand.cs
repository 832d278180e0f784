using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Running;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>The command <c>micro</c>: measures single pieces of the hot path with BenchmarkDotNet.</summary>
internal static class MicroCommand
{
    public static void AddTo(RootCommand root)
    {
        var command = new Command(
            "micro",
            "Measures single pieces of the hot path with BenchmarkDotNet. It takes BenchmarkDotNet's options, such as "
            + "--filter *FanOut* and --job short.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(call => Run([.. call.UnmatchedTokens]));
        root.Add(command);
    }

    private static int Run(string[] args)
    {
        if (!args.Contains("--filter") && !args.Contains("-f"))
        {
            args = [.. args, "--filter", "*"];
        }

        // In this process: otherwise BenchmarkDotNet builds a project below the repository, with all its build rules.
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(
            [.. args, "--inProcess"],
            DefaultConfig.Instance
                .AddDiagnoser(MemoryDiagnoser.Default)
                .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "orders-actors-benchmarks")));
        var hasFailed = summaries.Any(summary =>
            summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success));
        return summaries.Any() && !hasFailed ? 0 : 1;
    }
}
