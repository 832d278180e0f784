using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage.Transfer;

namespace OrdersActors.Server.Commands.Transfer;

/// <summary>
/// Reads an export. The whole file is verified before anything is stored. Then its parts are read again, as often as
/// they are needed, so the memory does not depend on its size.
/// </summary>
internal sealed class ExportFile(string path)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>
    /// Reads the whole file and returns its header. Counts the events.
    /// </summary>
    /// <exception cref="StartupException">
    /// The file is no export, is of a newer version, is incomplete, or was changed. The message names the line.
    /// </exception>
    public async Task<ExportHeader> VerifyAsync(CommandProgress progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var check = new ExportCheck(path);
        await using var file = Open();
        var lines = new LineReader(file);
        while (await ReadAsync(lines, cancellationToken) is { } line)
        {
            if (check.Add(lines.Number, line, () => Convert.ToHexStringLower(hash.GetCurrentHash())))
            {
                progress.Total = check.Header!.Events;
                progress.Add(1);
            }

            hash.AppendData(line.Span);
            hash.AppendData("\n"u8);
        }

        return check.End();
    }

    /// <summary>The orders. The file must have been verified.</summary>
    public IAsyncEnumerable<KnownOrder> ReadOrdersAsync(CancellationToken cancellationToken) => ReadAsync(
        ExportCheck.Order, ExportCheck.ReadOrder, cancellationToken);

    /// <summary>The events by their sequence. The file must have been verified.</summary>
    public IAsyncEnumerable<OrderEvent> ReadEventsAsync(CancellationToken cancellationToken) => ReadAsync(
        ExportCheck.Event, ExportCheck.ReadEvent, cancellationToken);

    private async IAsyncEnumerable<T> ReadAsync<T>(
        string type, Func<JsonElement, T> read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = Open();
        var lines = new LineReader(file);
        while (await ReadAsync(lines, cancellationToken) is { } line)
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("type").ValueEquals(type))
            {
                yield return read(json.RootElement.GetProperty("data"));
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(LineReader lines, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadAsync(cancellationToken);
        }
        catch (BadLineException e)
        {
            throw new StartupException($"{path}: {e.Message}");
        }
    }

    private FileStream Open()
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, useAsync: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read: {e.Message}");
        }
    }
}
