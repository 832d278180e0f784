using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>
/// Checks the database. In PostgreSQL: its version, its state, its encoding, the rights of the role, a pooler in
/// between, the clock, and the settings that a server relies on. In SQLite: the schema and damage.
/// </summary>
internal static class StorageCheck
{
    public static async Task RunAsync(
        DoctorContext context, Findings findings, CancellationToken cancellationToken)
    {
        if (context.Options is not { } options)
        {
            findings.Skip(DoctorContext.NeedsSettings);
            return;
        }

        if (!context.HasStorage)
        {
            findings.Skip("a front end uses no storage");
            return;
        }

        try
        {
            foreach (var finding in await ServerStorage.DiagnoseAsync(
                context.Configuration, options, cancellationToken))
            {
                Add(finding, findings);
            }
        }
        catch (Exception e) when (e is StartupException or StorageException)
        {
            findings.Report(e.Message, "correct the setting that the line names");
        }
    }

    private static void Add(StorageFinding finding, Findings findings)
    {
        var message = $"{finding.Subject}: {finding.Message}";
        if (finding.Fix is { } fix)
        {
            findings.Report(message, fix);
        }
        else
        {
            findings.Ok(message);
        }
    }
}
