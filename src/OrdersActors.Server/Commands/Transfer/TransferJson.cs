using System.Text.Json.Serialization;

namespace OrdersActors.Server.Commands.Transfer;

/// <summary>
/// The lines of an export, in this order: one <c>organization</c>, each <c>order</c>, each <c>event</c> as an
/// organization-wide subscription gets it, and one <c>end</c>. Fields are only ever added; a change that a previous
/// version could not import raises <see cref="ExportHeader.Format"/>.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ExportLine<ExportHeader>))]
[JsonSerializable(typeof(ExportLine<ExportedOrder>))]
[JsonSerializable(typeof(ExportLine<ExportEnd>))]
[JsonSerializable(typeof(ExportResult))]
[JsonSerializable(typeof(ImportResult))]
internal sealed partial class TransferJson : JsonSerializerContext;

/// <param name="Type">The type of the line.</param>
/// <param name="Data">Its content.</param>
internal sealed record ExportLine<T>(string Type, T Data);

/// <param name="Format">The version of the format, 1.</param>
/// <param name="OrganizationId">The organization.</param>
/// <param name="Epoch">The epoch of the log that was exported, for the operator's information.</param>
/// <param name="Sequence">The organization's newest number.</param>
/// <param name="Earliest">The first number of its feed.</param>
/// <param name="Orders">The number of its orders.</param>
/// <param name="Events">The number of its events that are kept.</param>
/// <param name="ExportedAt">The time of the export, UTC.</param>
internal sealed record ExportHeader(
    int Format, string OrganizationId, string Epoch, long Sequence, long Earliest, long Orders, long Events,
    DateTime ExportedAt)
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentFormat = 1;
}

/// <param name="OrderId">The order.</param>
/// <param name="Version">The number of its newest event, kept or not.</param>
internal sealed record ExportedOrder(string OrderId, long Version);

/// <param name="Sha256">The hash of all lines before, with their line ends, in hexadecimal digits.</param>
internal sealed record ExportEnd(string Sha256);

/// <param name="OrganizationId">The organization.</param>
/// <param name="File">The file that was written.</param>
/// <param name="Epoch">The epoch of the log.</param>
/// <param name="Sequence">The organization's newest number.</param>
/// <param name="Orders">The number of its orders.</param>
/// <param name="Events">The number of its events.</param>
internal sealed record ExportResult(
    string OrganizationId, string File, string Epoch, long Sequence, long Orders, long Events);

/// <param name="OrganizationId">The organization.</param>
/// <param name="Sequence">The newest number of the export.</param>
/// <param name="Orders">The number of its orders.</param>
/// <param name="EventsAdded">The number of events that this call has stored.</param>
/// <param name="EventsKnown">The number of events that an earlier call had stored.</param>
internal sealed record ImportResult(
    string OrganizationId, long Sequence, long Orders, long EventsAdded, long EventsKnown);
