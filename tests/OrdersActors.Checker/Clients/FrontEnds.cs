namespace OrdersActors.Checker.Clients;

/// <summary>Where clients connect: spread evenly at first, and each to any other one after a loss.</summary>
internal sealed class FrontEnds(IReadOnlyList<Uri> addresses)
{
    public Uri this[int frontEnd] => addresses[frontEnd];

    /// <summary>Where a client begins.</summary>
    public int First(int client) => client % addresses.Count;

    /// <summary>Where a client goes that has lost this one, or has not reached it.</summary>
    public int Next(int lost, Random random) =>
        addresses.Count == 1 ? lost : (lost + 1 + random.Next(addresses.Count - 1)) % addresses.Count;
}
