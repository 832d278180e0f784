namespace OrdersActors.Faults.Breakages;

/// <summary>What becomes of pieces of frames on their way to a socket: one of a hundred is tampered with.</summary>
internal sealed class FrameTampering(Breakage kind, int seed)
{
    private readonly Random _random = new(seed);
    private byte[] _last = [];

    public ReadOnlyMemory<byte>[] Tamper(ReadOnlyMemory<byte> piece)
    {
        lock (_random)
        {
            var other = _last;
            _last = kind is Breakage.Leak ? piece.ToArray() : [];
            return _random.Next(100) > 0 ? [piece] : kind switch
            {
                Breakage.Duplicates => [piece, piece],
                Breakage.Loss => [],
                Breakage.Leak when !OrganizationOf(other).SequenceEqual(OrganizationOf(piece.Span)) => [piece, other],
                _ => [piece],
            };
        }
    }

    private static ReadOnlySpan<byte> OrganizationOf(ReadOnlySpan<byte> frames)
    {
        var name = "\"organization_id\":\""u8;
        var at = frames.IndexOf(name);
        var rest = at < 0 ? [] : frames[(at + name.Length)..];
        return rest.IndexOf((byte)'"') is >= 0 and var end ? rest[..end] : [];
    }
}
