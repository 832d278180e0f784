using System.Globalization;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>Checks the data directory of SQLite: whether it can be written, and whether its disk has room.</summary>
internal static class DiskCheck
{
    // In bytes. The write-ahead log needs up to 33 MB, and the removal of old events some more.
    private const long LeastFree = 256L * 1024 * 1024;
    private const long LowFree = 1024L * 1024 * 1024;

    public static void Run(DoctorContext context, Findings findings)
    {
        if (context.Options is not { } options)
        {
            findings.Skip(DoctorContext.NeedsSettings);
        }
        else if (!context.HasStorage)
        {
            findings.Skip("a front end stores nothing");
        }
        else if (options.ConnectionString is not null)
        {
            findings.Skip("the events are in PostgreSQL, whose disk cannot be seen from here");
        }
        else
        {
            Check(options.DataDirectory, findings);
        }
    }

    private static void Check(string folder, Findings findings)
    {
        if (ExistingPart(folder) is not { } existing)
        {
            findings.Report(
                $"a part of the path of the data directory {folder} is a file",
                "choose another folder with OrdersActors:DataDirectory");
            return;
        }

        var probe = Path.Combine(existing, $".doctor-{Guid.NewGuid():N}");
        try
        {
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Report(
                $"the data directory {folder} cannot be written: {e.Message}",
                "give the server's user the right to write there, or choose another folder with "
                + "OrdersActors:DataDirectory; run doctor as the server's user");
            return;
        }

        CheckRoom(folder, existing, findings);
    }

    private static void CheckRoom(string folder, string existing, Findings findings)
    {
        var free = new DriveInfo(existing).AvailableFreeSpace;
        var room = string.Create(
            CultureInfo.InvariantCulture, $"the disk of {folder} has {free / 1024 / 1024} MiB of free space");
        const string fix = "free some space, or shorten the retention (OrdersActors:Retention:*)";
        if (free < LeastFree)
        {
            findings.Report(room, fix);
        }
        else if (free < LowFree)
        {
            findings.Warn(room, fix);
        }
        else
        {
            findings.Ok(existing == folder ? $"{room} and can be written" : $"{room}; the folder will be created");
        }
    }

    /// <summary>The folder itself or its nearest existing parent; null if that is a file.</summary>
    private static string? ExistingPart(string folder)
    {
        for (var path = folder; path is not null; path = Path.GetDirectoryName(path))
        {
            if (Directory.Exists(path))
            {
                return path;
            }

            if (File.Exists(path))
            {
                return null;
            }
        }

        return null;
    }
}
