namespace OrdersActors.Checker.World;

/// <summary>An organization, and the key that its clients connect with.</summary>
internal sealed record Shop(int Index, string Id, string Key, string Secret);
