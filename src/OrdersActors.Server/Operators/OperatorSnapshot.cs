using System.Text.Json.Serialization;

namespace OrdersActors.Server.Operators;

/// <summary>What the operators' page shows. Lists are bounded.</summary>
/// <param name="At">When it was read, UTC.</param>
/// <param name="Problems">What could not be read, and why.</param>
/// <param name="FrontEnds">The front ends and their connections.</param>
/// <param name="Organizations">The organizations with the most connections, at most 20.</param>
/// <param name="Closes">The closes of all front ends in the last ten minutes, by status.</param>
/// <param name="Partitions">The partitions; empty on a front end, which has no storage.</param>
/// <param name="Silos">The silos that are alive.</param>
internal sealed record OperatorSnapshot(
    DateTime At, IReadOnlyList<string> Problems, IReadOnlyList<NamedCount> FrontEnds,
    IReadOnlyList<NamedCount> Organizations, IReadOnlyList<NamedCount> Closes,
    IReadOnlyList<PartitionRow> Partitions, IReadOnlyList<string> Silos);

/// <param name="Name">What is counted.</param>
/// <param name="Connections">The number of its connections.</param>
internal sealed record NamedCount(string Name, long Connections);

/// <param name="Partition">The number of the partition.</param>
/// <param name="Position">The position of its newest event.</param>
/// <param name="Checkpoint">The position up to which events have been delivered, as it was stored last.</param>
/// <param name="Lag">The positions in between.</param>
/// <param name="Home">The silo that it is assigned to; null if it is not known.</param>
internal sealed record PartitionRow(int Partition, long Position, long Checkpoint, long Lag, string? Home);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OperatorSnapshot))]
internal sealed partial class OperatorJson : JsonSerializerContext;
