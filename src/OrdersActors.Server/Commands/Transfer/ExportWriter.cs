using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Storage.Transfer;

namespace OrdersActors.Server.Commands.Transfer;

/// <summary>Writes an export, line by line, and hashes the lines.</summary>
internal sealed class ExportWriter(Stream output) : IDisposable
{
    private static readonly byte[] LineEnd = "\n"u8.ToArray();

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Writes everything that a snapshot has, and counts the events.</summary>
    public async Task<ExportHeader> WriteAsync(
        string organizationId, IOrganizationSource source, CommandProgress progress, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var header = new ExportHeader(
            ExportHeader.CurrentFormat, organizationId, source.Epoch, source.Head.Sequence, source.Head.Earliest,
            source.OrderCount, source.EventCount, time.GetUtcNow().UtcDateTime);
        progress.Total = header.Events;
        await WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(
                new ExportLine<ExportHeader>("organization", header), TransferJson.Default.ExportLineExportHeader),
            cancellationToken);
        await foreach (var order in source.ReadOrdersAsync(cancellationToken))
        {
            await WriteAsync(
                JsonSerializer.SerializeToUtf8Bytes(
                    new ExportLine<ExportedOrder>("order", new ExportedOrder(order.OrderId, order.Version)),
                    TransferJson.Default.ExportLineExportedOrder),
                cancellationToken);
        }

        await foreach (var e in source.ReadEventsAsync(cancellationToken))
        {
            await WriteAsync(
                Encoding.UTF8.GetBytes($"{{\"type\":\"event\",\"data\":{OrderEventJson.ToText(e)}}}"),
                cancellationToken);
            progress.Add(1);
        }

        var end = new ExportEnd(Convert.ToHexStringLower(_hash.GetHashAndReset()));
        await WriteAsync(
            JsonSerializer.SerializeToUtf8Bytes(
                new ExportLine<ExportEnd>("end", end), TransferJson.Default.ExportLineExportEnd),
            cancellationToken);
        await output.FlushAsync(cancellationToken);
        return header;
    }

    public void Dispose() => _hash.Dispose();

    private async Task WriteAsync(byte[] line, CancellationToken cancellationToken)
    {
        _hash.AppendData(line);
        _hash.AppendData(LineEnd);
        await output.WriteAsync(line, cancellationToken);
        await output.WriteAsync(LineEnd, cancellationToken);
    }
}
