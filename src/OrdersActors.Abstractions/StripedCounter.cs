using System.Numerics;
using System.Runtime.InteropServices;

namespace OrdersActors;

/// <summary>
/// A sum that many threads add to on the path of an event. Each processor has its own cell in its own cache line, so an
/// addition takes a few nanoseconds and no lock, whether anybody collects the sum or not. Thread-safe.
/// </summary>
internal sealed class StripedCounter
{
    // A power of two. Processors share a cell if there are more of them than cells.
    private readonly Cell[] _cells =
        new Cell[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 64))];

    /// <summary>The sum. Additions that run meanwhile may be missing. It never decreases if nothing negative is added.
    /// </summary>
    public long Sum
    {
        get
        {
            var sum = 0L;
            foreach (ref var cell in _cells.AsSpan())
            {
                sum += Volatile.Read(ref cell.Value);
            }

            return sum;
        }
    }

    /// <summary>Adds a number.</summary>
    public void Add(long number) =>
        Interlocked.Add(ref _cells[Thread.GetCurrentProcessorId() & (_cells.Length - 1)].Value, number);

    // Two cache lines, because processors may load lines in pairs.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(0)] public long Value;
    }
}
