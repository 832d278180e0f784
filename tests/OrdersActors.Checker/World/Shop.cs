namespace OrdersActors.Checker.World;

/// <summary>An organization and the key under which its clients connect.</summary>
internal sealed record Shop(int Index, string Id, string Key, string Secret);
