namespace OrdersActors.Checker.Clients;

/// <summary>
/// The servers that clients connect to. Clients are spread evenly at first; after a loss, each picks any other server.
/// </summary>
internal sealed class FrontEnds(IReadOnlyList<Uri> addresses)
{
    public Uri this[int frontEnd] => addresses[frontEnd];

    /// <summary>The server that a client connects to first.</summary>
    public int First(int client) => client % addresses.Count;

    /// <summary>The next server for a client that has lost this one or could not reach it.</summary>
    public int Next(int lost, Random random) =>
        addresses.Count == 1 ? lost : (lost + 1 + random.Next(addresses.Count - 1)) % addresses.Count;
}
