using OrdersActors.Client.Connections;
using OrdersActors.Client.Protocol;

namespace OrdersActors.Tests.Client.Connections;

public class VerdictTests
{
    [Theory]
    [InlineData(1003, null, false, true)]
    [InlineData(1007, null, false, true)]
    [InlineData(1009, "invalid_message", false, true)]
    [InlineData(1008, null, false, false)]
    [InlineData(1008, "rate_limited", false, false)]
    [InlineData(1008, "not_authenticated", false, false)]
    [InlineData(1008, "invalid_api_key", false, true)]
    [InlineData(1008, "invalid_signature", false, true)]
    [InlineData(1008, "signature_expired", false, false)]
    [InlineData(1008, "access_denied", false, true)]
    [InlineData(1008, "token_expired", true, false)]
    [InlineData(1008, "token_expired", false, true)]
    [InlineData(1001, "unavailable", false, false)]
    [InlineData(1006, "invalid_api_key", false, false)]
    [InlineData(1011, "unavailable", false, false)]
    [InlineData(1012, "unavailable", false, false)]
    [InlineData(1013, "unavailable", false, false)]
    public void Client_stops_only_where_going_on_is_pointless(int status, string? code, bool hasTokens, bool isFinal) =>
        Assert.Equal(isFinal, Verdict.IsFinal(status, code is null ? null : new ServerError(code, ""), hasTokens));
}
