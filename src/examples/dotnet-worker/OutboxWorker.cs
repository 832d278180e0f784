using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrdersActors.Publishing;

namespace OrdersActors.Examples.Worker;

/// <summary>
/// Publishes the events of an outbox, in the order of their file names. A file is deleted after its event is stored.
/// The name of the file is the id of the event: if the worker or the server dies in between, the event is published
/// again under the same id and stored once. In your service, the outbox is a table of your database.
/// </summary>
internal sealed partial class OutboxWorker(
    IOrderStatusPublisher publisher, IOptions<OutboxOptions> options, ILogger<OutboxWorker> logger) : BackgroundService
{
    private readonly string _folder = options.Value.Folder;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Directory.CreateDirectory(_folder);
        using var timer = new PeriodicTimer(options.Value.Interval);
        do
        {
            foreach (var file in Directory.GetFiles(_folder, "*.json").Order(StringComparer.Ordinal))
            {
                // The events behind an event that is not stored yet wait, so that the order of the events is kept.
                if (!await PublishAsync(file, stoppingToken))
                {
                    break;
                }
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Returns false if the event must be published again later.</summary>
    private async Task<bool> PublishAsync(string file, CancellationToken stoppingToken)
    {
        var id = Path.GetFileNameWithoutExtension(file);
        try
        {
            var entry = OutboxEntry.Parse(await File.ReadAllTextAsync(file, stoppingToken));
            var stored = await publisher.PublishAsync(
                entry.Organization,
                new OrderStatusEvent
                {
                    Id = id,
                    OrderId = entry.Order,
                    Status = entry.Status,
                    OccurredAt = File.GetLastWriteTimeUtc(file),
                    Details = entry.Details?.GetRawText(),
                },
                stoppingToken);
            File.Delete(file);
            LogPublished(id, entry.Order, stored.Version);
            return true;
        }
        catch (PublishFailedException e)
        {
            LogWaiting(id, e);
            return false;
        }
        catch (Exception e) when (e is JsonException or InvalidOrderEventException or EventConflictException)
        {
            // Trying again is pointless. Somebody must look at the file.
            File.Move(file, file + ".rejected", overwrite: true);
            LogRejected(id, e);
            return true;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Published {Id}: order {Order}, version {Version}")]
    private partial void LogPublished(string id, string order, long version);

    [LoggerMessage(2, LogLevel.Warning, "Cannot publish {Id} at the moment. It stays in the outbox.")]
    private partial void LogWaiting(string id, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "Cannot publish {Id}. Renamed it to .rejected; the following events continue.")]
    private partial void LogRejected(string id, Exception exception);
}
