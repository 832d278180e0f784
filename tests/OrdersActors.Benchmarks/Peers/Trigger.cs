using System.Buffers.Binary;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>Requests one event. The load process sends it over TCP to the process that makes the events.</summary>
/// <param name="Due">
/// The time when the event should be sent, a <see cref="System.Diagnostics.Stopwatch"/> timestamp. On Linux all
/// processes of a machine share this clock.
/// </param>
/// <param name="Topic">The number of the order.</param>
internal readonly record struct Trigger(long Due, int Topic)
{
    /// <summary>Bytes of a trigger: the time and the topic, both 8 bytes, little-endian.</summary>
    public const int Size = 16;

    public static Trigger Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Due);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Topic);
    }
}
