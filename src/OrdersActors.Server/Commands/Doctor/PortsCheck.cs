using OrdersActors.Server.Hosting;
using OrdersActors.Server.Telemetry;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>
/// Checks that the server can listen on its addresses. If the server itself runs and listens on them, nothing is wrong.
/// </summary>
internal static class PortsCheck
{
    public static void Run(DoctorContext context, Findings findings)
    {
        if (context.Options is not { } options)
        {
            findings.Skip(DoctorContext.NeedsSettings);
            return;
        }

        TelemetryOptions telemetry;
        IReadOnlyList<(string Url, string Setting)> urls;
        try
        {
            telemetry = ServerTelemetry.Read(context.Configuration);
            urls = ListenUrls.Resolve(
                new ConfigurationBuilder().AddInMemoryCollection(context.Configuration.AsEnumerable()).Build());
        }
        catch (StartupException)
        {
            // The check of the settings reports it.
            findings.Skip(DoctorContext.NeedsSettings);
            return;
        }

        var running = new HashSet<int>();
        foreach (var problem in PortCheck.FindProblems(options, context.Role, telemetry, urls))
        {
            var user = problem.TakenPort is { } port ? PortUser.Find(port) : null;
            if (user is { IsServer: true })
            {
                running.Add(user.ProcessId);
                continue;
            }

            findings.Report(
                user is null ? problem.Message : $"{problem.Message}: {user.Name}, process {user.ProcessId}",
                problem.TakenPort is null
                    ? "correct the setting that the line names"
                    : "stop the other program, or choose another port with the setting that the line names");
        }

        if (findings.All.Count == 0)
        {
            findings.Ok(running.Count > 0
                ? $"a running server (process {string.Join(", ", running)}) listens on the ports"
                : "all ports are free");
        }
    }
}
