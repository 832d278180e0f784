using System.Runtime.InteropServices;

namespace OrdersActors.Server.Hosting;

/// <summary>
/// Makes everything that this process creates private. The storage creates its own files so anyway; this is for those that
/// libraries create, such as the keys of the key ring.
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
