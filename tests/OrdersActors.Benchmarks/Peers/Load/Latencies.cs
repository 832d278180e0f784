using System.Numerics;

namespace OrdersActors.Benchmarks.Peers.Load;

/// <summary>A histogram of durations in nanoseconds. Its buckets are at most 1.6 % wide.</summary>
internal sealed class Latencies
{
    private const int Precision = 6;
    private readonly long[] _buckets = new long[(64 - Precision) << Precision];

    public long Count { get; private set; }

    public void Add(long nanoseconds)
    {
        Count++;
        _buckets[BucketOf(Math.Max(nanoseconds, 1))]++;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        Count = 0;
    }

    /// <summary>The duration that this share of the values does not exceed, in milliseconds.</summary>
    public double At(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        for (var bucket = 0; bucket < _buckets.Length; bucket++)
        {
            rank -= _buckets[bucket];
            if (rank <= 0)
            {
                return UpperBound(bucket) / 1e6;
            }
        }

        return 0;
    }

    // The position of the highest bit and the bits after it.
    private static int BucketOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - Precision);
        return (shift << Precision) + (int)(value >> shift);
    }

    private static double UpperBound(int bucket)
    {
        var shift = Math.Max(0, (bucket >> Precision) - 1);
        return Math.ScaleB(bucket - (shift << Precision) + 1, shift);
    }
}
