namespace OrdersActors.Server.Board;

/// <summary>
/// The well-known account of the Development environment, in the README and in the page's form. In Production it never
/// exists.
/// </summary>
/// <param name="Organization">Whose orders.</param>
/// <param name="ApiKey">The key.</param>
/// <param name="ApiSecret">What its signatures are made with.</param>
internal sealed record DemoAccount(string Organization, string ApiKey, string ApiSecret)
{
    public static DemoAccount Current { get; } = new("demo", "demo-key", "demo-secret");
}
