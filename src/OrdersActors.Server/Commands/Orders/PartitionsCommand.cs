using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrdersActors.Cluster.Partitions;
using OrdersActors.Server.Commands.Output;
using OrdersActors.Server.Hosting;

namespace OrdersActors.Server.Commands.Orders;

/// <summary>
/// <c>partitions</c>: prints how far each partition is, and which silo it is assigned to, from the database.
/// </summary>
internal static class PartitionsCommand
{
    public static Command Create(CommandSettings settings)
    {
        var command = new Command(
            "partitions", "Print the newest position, the checkpoint, the lag and the home silo of each partition.")
        {
            OutputOptions.Json, CommandSettings.File,
        };
        command.SetAction(async (call, cancellationToken) =>
        {
            var configuration = settings.Build(call);
            var options = ServerOptions.Read(configuration);
            await using var log = await ServerStorage.OpenReaderAsync(configuration, options, cancellationToken);
            var partitions = await log.GetPartitionsAsync(cancellationToken);
            var silos = await log.GetSilosAsync(options.ClusterId, cancellationToken);
            var homes = PartitionMap.Assign(
                silos.Select(silo => SiloAddress.New(IPAddress.Parse(silo.Address), silo.Port, silo.Generation)),
                partitions.Count);
            Print(
                [
                    .. partitions.Select(partition => new ListedPartition(
                        partition.Partition, partition.Position, partition.Checkpoint, partition.Lag,
                        homes[partition.Partition]?.Endpoint.ToString())),
                ],
                call.GetValue(OutputOptions.Json));
            await Console.Error.WriteLineAsync($"read from {log.Location}");
            return ServerCommandLine.Done;
        });
        return command;
    }

    private static void Print(ListedPartition[] partitions, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(partitions, PartitionsJson.Default.ListedPartitionArray));
            return;
        }

        var table = new TextTable("PARTITION", "POSITION", "CHECKPOINT", "LAG", "HOME");
        foreach (var partition in partitions)
        {
            table.Add(
                Text(partition.Partition), Text(partition.Position), Text(partition.Checkpoint), Text(partition.Lag),
                partition.Home ?? "-");
        }

        table.Write();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Partition">The number of the partition.</param>
/// <param name="Position">The position of its newest event.</param>
/// <param name="Checkpoint">The position up to which events have been delivered, as it was stored last.</param>
/// <param name="Lag">The positions in between.</param>
/// <param name="Home">The silo that it is assigned to; null if no silo is active, or the database is SQLite's.</param>
internal sealed record ListedPartition(int Partition, long Position, long Checkpoint, long Lag, string? Home);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ListedPartition[]))]
internal sealed partial class PartitionsJson : JsonSerializerContext;
