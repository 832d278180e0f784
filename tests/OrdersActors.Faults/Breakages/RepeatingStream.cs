namespace OrdersActors.Faults.Breakages;

/// <summary>Writes one piece of a hundred twice.</summary>
internal sealed class RepeatingStream(Stream real, int seed) : FrameStream(real)
{
    private readonly Random _random = new(seed);

    protected override ReadOnlyMemory<byte> Besides(ReadOnlyMemory<byte> frames) =>
        _random.Next(100) == 0 ? frames : default;
}
