using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using OrdersActors.Benchmarks.Peers;
using OrdersActors.Benchmarks.Peers.Load;
using OrdersActors.TestServer;

namespace OrdersActors.Benchmarks.Soak;

/// <summary>
/// A client of the soak across all of its connections: it resumes after the last event that it got, and checks that
/// each event of its order comes once and in order. Used by one thread.
/// </summary>
/// <param name="target">The server.</param>
/// <param name="report">Called with each fault.</param>
internal sealed class SoakDialect(LoadTarget target, Action<string> report) : Dialect(target)
{
    private string? _epoch;

    /// <summary>The version of the last event.</summary>
    public long Version { get; private set; }

    private static ReadOnlySpan<byte> VersionField => "\"version\":"u8;

    private static ReadOnlySpan<byte> EpochField => "\"epoch\":\""u8;

    /// <inheritdoc/>
    public override byte[] Requests(int topic) =>
    [
        .. Text(SeedClient.Connect(Target.ApiKey, SeedClient.Sign(Target.ApiKey, Target.ApiSecret))),
        .. Text(JsonSerializer.Serialize(new
        {
            type = "subscribe",
            data = new { order_id = EventPayload.OrderId(topic), after = Version, epoch = _epoch },
        })),
    ];

    /// <inheritdoc/>
    public override bool IsConfirmation(ReadOnlySpan<byte> message)
    {
        if (!base.IsConfirmation(message))
        {
            return false;
        }

        if (message.IndexOf("\"resumed\":true"u8) < 0)
        {
            report($"a client could not resume after {Version}: {Encoding.UTF8.GetString(message)}");
        }

        var epoch = EpochOf(message);
        if (_epoch is not null && epoch != _epoch)
        {
            report($"the epoch changed from {_epoch} to {epoch}");
        }

        _epoch = epoch;
        return true;
    }

    /// <inheritdoc/>
    public override void OnEvent(ReadOnlySpan<byte> message)
    {
        var field = message.IndexOf(VersionField);
        if (field < 0 || !Utf8Parser.TryParse(message[(field + VersionField.Length)..], out long version, out _))
        {
            report($"an event has no version: {Encoding.UTF8.GetString(message)}");
            return;
        }

        if (version != Version + 1)
        {
            report(version <= Version
                ? $"version {version} came after {Version}, so it came twice or out of order"
                : $"version {version} came after {Version}, so {version - Version - 1} events are missing");
        }

        Version = Math.Max(Version, version);
    }

    private static string EpochOf(ReadOnlySpan<byte> message)
    {
        var field = message.IndexOf(EpochField);
        if (field < 0)
        {
            return "";
        }

        var rest = message[(field + EpochField.Length)..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)'"')]);
    }
}
