using System.Globalization;
using System.Text;

namespace OrdersActors.Storage.Sqlite;

/// <summary>
/// A file beside the database, <c>orders.mark</c>, with the log's epoch and the newest committed position. If the
/// database is behind its mark, or has another epoch, it is not the one that the server left: somebody restored a
/// backup.
/// </summary>
/// <remarks>
/// <para>The position is overwritten in place after each commit, before the commit is announced or acknowledged. The
/// written data is in the kernel's cache, so it survives the end of the process. It is not flushed: after a power
/// failure the mark may be behind the database, which is accepted. It is never ahead, because the commit was on disk
/// first.</para>
/// <para>One <c>pwrite</c> of 20 bytes takes about a microsecond per transaction. A memory-mapped page would be
/// cheaper, but would end the process (SIGBUS) if the file is truncated or a copy-on-write disk is full.</para>
/// </remarks>
internal sealed class SqliteMark : IDisposable
{
    public const string FileName = "orders.mark";

    private const string Title = "OrdersActors mark 1\nepoch ";
    private const string Position = "\nposition ";
    private const int EpochLength = 8;
    private const int PositionOffset = 26 + EpochLength + 10;
    private const int Size = PositionOffset + PositionDigits + 1;
    private const int PositionDigits = 19;

    private readonly FileStream _file;

    private SqliteMark(FileStream file) => _file = file;

    /// <summary>
    /// Reads the mark of a folder. Returns null if the mark is missing, and a mark without an epoch if it is damaged.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process lacks the right to read the file.</exception>
    public static SqliteMarkContent? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[Size];
        var text = file.Length == Size && file.ReadAtLeast(bytes, Size, throwOnEndOfStream: false) == Size
            ? Encoding.ASCII.GetString(bytes)
            : "";
        return text.StartsWith(Title, StringComparison.Ordinal)
            && text.IndexOf(Position, StringComparison.Ordinal) == Title.Length + EpochLength
            && long.TryParse(
                text.AsSpan(PositionOffset, PositionDigits),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var position)
            ? new SqliteMarkContent(text.Substring(Title.Length, EpochLength), position)
            : new SqliteMarkContent(null, 0);
    }

    /// <summary>
    /// Creates or replaces the mark of a folder, flushed to disk, and keeps it open. A crash leaves the old or the new
    /// mark.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process lacks the right to write the file.</exception>
    public static SqliteMark Create(string folder, string epoch, long position)
    {
        var temporary = Path.Combine(folder, FileName + ".new");
        var file = new FileStream(temporary, Options(FileMode.Create));
        try
        {
            file.Write(Encoding.ASCII.GetBytes($"{Title}{epoch}{Position}{Digits(position)}\n"));
            file.Flush(flushToDisk: true);
            File.Move(temporary, Path.Combine(folder, FileName), overwrite: true);
            return new SqliteMark(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens the existing mark of a folder.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The process lacks the right to write the file.</exception>
    public static SqliteMark Open(string folder) =>
        new(new FileStream(Path.Combine(folder, FileName), Options(FileMode.Open)));

    /// <summary>Records the newest committed position.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Advance(long position)
    {
        Span<byte> digits = stackalloc byte[PositionDigits];
        position.TryFormat(digits, out _, "D19", CultureInfo.InvariantCulture);
        RandomAccess.Write(_file.SafeFileHandle, digits, PositionOffset);
    }

    public void Dispose() => _file.Dispose();

    private static string Digits(long position) => position.ToString("D19", CultureInfo.InvariantCulture);

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows() && mode == FileMode.Create)
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}

/// <summary>The content of a mark.</summary>
/// <param name="Epoch">The epoch; null if the mark is damaged.</param>
/// <param name="Newest">The newest position that was committed.</param>
internal readonly record struct SqliteMarkContent(string? Epoch, long Newest);
