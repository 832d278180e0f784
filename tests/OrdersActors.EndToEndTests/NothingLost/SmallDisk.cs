using System.Diagnostics;

namespace OrdersActors.EndToEndTests.NothingLost;

/// <summary>
/// A real in-memory file system of a few megabytes, with a ballast file that can be deleted to make room. Mounting
/// needs root.
/// </summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _mountPoint = Directory.CreateTempSubdirectory("orders-actors-disk-").FullName;

    public SmallDisk(int megabytes, int ballastMegabytes)
    {
        var (isMounted, error) = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _mountPoint);
        if (!isMounted)
        {
            Directory.Delete(_mountPoint);
            NotPermitted.Skip("a small disk cannot be mounted", error);
        }

        File.WriteAllBytes(Ballast, new byte[ballastMegabytes * 1024 * 1024]);
    }

    public string DataDirectory => Path.Combine(_mountPoint, "data");

    private string Ballast => Path.Combine(_mountPoint, "ballast");

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        // Lazily, because a server that is being killed may still use it for a moment.
        Run("umount", "--lazy", _mountPoint);
        Directory.Delete(_mountPoint);
    }

    private static (bool IsDone, string Error) Run(string command, params string[] arguments)
    {
        try
        {
            using var process =
                Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode == 0, error.Trim());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (false, e.Message);
        }
    }
}
