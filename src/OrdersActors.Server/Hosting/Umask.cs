using System.Runtime.InteropServices;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Makes the files and folders that this process creates accessible to their owner only. The storage sets the mode of
/// its own files anyway; the umask covers files that libraries create, such as the keys of the key ring.
/// </summary>
internal static class Umask
{
    private const uint GroupAndOthers = 0b000_111_111;

    public static void SetPrivate()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Set(GroupAndOthers);
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint Set(uint mask);
}
