namespace OrdersActors.Server.Board;

/// <summary>
/// The well-known account of the Development environment. It is in the README, and the page's form is filled in with
/// it. It does not exist in Production.
/// </summary>
/// <param name="Organization">The account's organization.</param>
/// <param name="ApiKey">The API key.</param>
/// <param name="ApiSecret">The key's secret, which signs its authorization signatures.</param>
internal sealed record DemoAccount(string Organization, string ApiKey, string ApiSecret)
{
    public static DemoAccount Current { get; } = new("demo", "demo-key", "demo-secret");
}
