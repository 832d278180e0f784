using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>
/// <c>doctor</c>: checks everything around a server that can be wrong, and says how to fix it. It changes nothing. The
/// server may be running or not. The exit code is 1 if a check has found a problem.
/// </summary>
internal static class DoctorCommand
{
    private delegate Task Check(DoctorContext context, Findings findings, CancellationToken cancellationToken);

    private static readonly (string Name, Check Check)[] Checks =
    [
        ("settings", Sync(SettingsCheck.Run)),
        ("ports", Sync(PortsCheck.Run)),
        ("certificates", Sync(CertificatesCheck.Run)),
        ("disk", Sync(DiskCheck.Run)),
        ("storage", StorageCheck.RunAsync),
        ("key-ring", Sync(KeyRingCheck.Run)),
        ("files", Sync(ProcessLimits.CheckFiles)),
        ("inotify", Sync(ProcessLimits.CheckInotify)),
    ];

    public static Command Create(CommandSettings settings)
    {
        var role = new Option<string>("--role")
        {
            Description = "The role of the server that is checked: all, silo or front-end.",
            DefaultValueFactory = _ => "all",
        };
        role.AcceptOnlyFromAmong([.. ServeCommand.Roles.Keys]);
        var command = new Command(
            "doctor", "Check settings, storage, ports, certificates, clocks and limits, and say how to fix what is "
            + "wrong. Changes nothing; the server may be running. Exit code 1 if something is wrong.")
        {
            role, OutputOptions.Json, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var findings = await RunAsync(
                settings.Build(call), ServeCommand.Roles[call.GetRequiredValue(role)], cancellationToken);
            Print(findings, call.GetValue(OutputOptions.Json));
            return findings.Any(finding => finding.State == FindingState.Problem)
                ? ServerCommandLine.Failed
                : ServerCommandLine.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Finding>> RunAsync(
        IConfigurationRoot configuration, ServerRole role, CancellationToken cancellationToken)
    {
        var context = new DoctorContext(configuration, ReadOptions(configuration), role);
        var all = new List<Finding>();
        foreach (var (name, check) in Checks)
        {
            var findings = new Findings(name);
            await check(context, findings, cancellationToken);
            all.AddRange(findings.All);
        }

        return all;
    }

    /// <summary>Reads the settings directly under <c>OrdersActors</c>. If that fails, a check reports it.</summary>
    private static ServerOptions? ReadOptions(IConfiguration configuration)
    {
        try
        {
            return ServerOptions.Read(configuration);
        }
        catch (StartupException)
        {
            return null;
        }
    }

    private static Check Sync(Action<DoctorContext, Findings> check) => (context, findings, _) =>
    {
        check(context, findings);
        return Task.CompletedTask;
    };

    private static void Print(IReadOnlyList<Finding> findings, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new DoctorReport(!findings.Any(f => f.State == FindingState.Problem), [.. findings]),
                DoctorJson.Default.DoctorReport));
            return;
        }

        var table = new TextTable("STATE", "CHECK", "FINDING");
        foreach (var finding in findings)
        {
            table.Add(finding.State.ToString().ToUpperInvariant(), finding.Check, finding.Message);
        }

        table.Write();
        foreach (var finding in findings.Where(finding => finding.Fix is not null))
        {
            Console.WriteLine($"{finding.State.ToString().ToUpperInvariant()} {finding.Check}: {finding.Message}");
            Console.WriteLine($"  fix: {finding.Fix}");
        }
    }
}

/// <param name="IsHealthy">Whether no check has found a problem.</param>
/// <param name="Findings">All findings, in the order of the checks.</param>
internal sealed record DoctorReport(bool IsHealthy, Finding[] Findings);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
