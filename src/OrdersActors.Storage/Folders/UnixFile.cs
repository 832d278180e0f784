using System.Runtime.InteropServices;

namespace OrdersActors.Storage.Folders;

/// <summary>
/// File attributes that .NET does not provide: the owner, and the time of the last change. They come from
/// <c>statx</c>, whose layout is the same on every processor. The result is null if the file is missing or the system
/// has no such call (Windows, macOS, an old sandbox).
/// </summary>
/// <param name="Owner">The owner's user id.</param>
/// <param name="ChangedAt">When content, mode, owner or name last changed, in nanoseconds since 1970.</param>
internal readonly record struct UnixFile(uint Owner, long ChangedAt)
{
    private const int CurrentDirectory = -100;
    private const uint BasicFields = 0x7ff;
    private const int Size = 256;
    private const int OwnerOffset = 20;
    private const int ChangedOffset = 96;

    /// <summary>The id of the user that owns new files of this process.</summary>
    public static uint? CurrentUser => OperatingSystem.IsWindows() ? null : EffectiveUser();

    public static UnixFile? TryRead(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var buffer = new byte[Size];
        try
        {
            if (Stat(CurrentDirectory, path, 0, BasicFields, buffer) != 0)
            {
                return null;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        // The system writes integers in its native byte order.
        var seconds = MemoryMarshal.Read<long>(buffer.AsSpan(ChangedOffset));
        var nanoseconds = MemoryMarshal.Read<uint>(buffer.AsSpan(ChangedOffset + sizeof(long)));
        return new UnixFile(
            MemoryMarshal.Read<uint>(buffer.AsSpan(OwnerOffset)), (seconds * 1_000_000_000) + nanoseconds);
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] buffer);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint EffectiveUser();
}
