using OrdersActors.FrontEnd.Sessions.Authentication;

namespace OrdersActors.Tests.FrontEnd.Sessions.Authentication;

public sealed class AccessRulesTests
{
    private static readonly ClientIdentity Open = new("key", "shop", IsSigned: false);
    private static readonly ClientIdentity Signed = new("key", "shop", IsSigned: true, SecretId: 1);

    [Fact]
    public void Open_key_covers_orders_but_awaits_none() =>
        Check(Open, order: true, awaits: false, organization: false);

    [Fact]
    public void Restricted_key_covers_nothing() =>
        Check(Open with { IsRestricted = true }, order: false, awaits: false, organization: false);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Signature_covers_everything(bool isRestricted) =>
        Check(Signed with { IsRestricted = isRestricted }, order: true, awaits: true, organization: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Token_covers_its_orders(bool isRestricted)
    {
        var client = Open with { IsRestricted = isRestricted, Grant = Grant("o", "p") };
        Check(client, order: true, awaits: true, organization: false);
        Check(client with { Grant = Grant("p") }, order: false, awaits: false, organization: false);
        Check(client with { Grant = Grant() with { IsOrganization = true } }, true, true, true);
    }

    [Fact]
    public void Signed_client_keeps_its_access_with_a_token() =>
        Check(Signed with { Grant = Grant("p") }, order: true, awaits: true, organization: true);

    [Fact]
    public void Refusal_tells_what_to_do()
    {
        Says(Open, null, "authorization_signature");
        Says(Open with { Grant = Grant("p") }, null, "scope \"organization\"");
        Says(Open with { Grant = Grant("p") }, "o", "a token that does");
        Says(Open with { IsRestricted = true }, "o", "with a token or an authorization_signature");
    }

    private static TokenGrant Grant(params string[] orders) => new(orders, false, DateTimeOffset.MaxValue);

    private static void Says(ClientIdentity client, string? orderId, string expected) => Assert.Contains(
        expected, AccessRules.FindRefusal(client, orderId)!.Message, StringComparison.Ordinal);

    private static void Check(ClientIdentity client, bool order, bool awaits, bool organization)
    {
        Assert.Equal(order, AccessRules.FindRefusal(client, "o") is null);
        Assert.Equal(awaits, AccessRules.MayAwait(client, "o"));
        Assert.Equal(organization, AccessRules.FindRefusal(client, null) is null);
        Assert.False(AccessRules.MayAwait(client, null));
        if (!order)
        {
            Assert.Equal("access_denied", AccessRules.FindRefusal(client, "o")!.Code.Code);
        }
    }
}
