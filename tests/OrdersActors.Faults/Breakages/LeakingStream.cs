namespace OrdersActors.Faults.Breakages;

/// <summary>Now and then writes what was last written to a client of another organization.</summary>
internal sealed class LeakingStream(Stream real, Leak leak) : FrameStream(real)
{
    protected override ReadOnlyMemory<byte> Besides(ReadOnlyMemory<byte> frames) => leak.Exchange(frames);
}

/// <summary>What all connections of a server share: the last frames of some organization.</summary>
internal sealed class Leak(int seed)
{
    private readonly Random _random = new(seed);
    private byte[] _frames = [];

    /// <summary>Takes frames, and now and then gives another organization's.</summary>
    public ReadOnlyMemory<byte> Exchange(ReadOnlyMemory<byte> frames)
    {
        lock (_random)
        {
            var other = _frames;
            _frames = frames.ToArray();
            return _random.Next(100) == 0 && !OrganizationOf(other).SequenceEqual(OrganizationOf(frames.Span)) ? other : default;
        }
    }

    private static ReadOnlySpan<byte> OrganizationOf(ReadOnlySpan<byte> frames)
    {
        var name = "\"organization_id\":\""u8;
        var at = frames.IndexOf(name);
        return at < 0 ? [] : frames[(at + name.Length)..] is var rest && rest.IndexOf((byte)'"') is >= 0 and var end ? rest[..end] : [];
    }
}
