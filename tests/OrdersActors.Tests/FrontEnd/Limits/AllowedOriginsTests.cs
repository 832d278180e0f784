using Microsoft.Extensions.Options;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class AllowedOriginsTests
{
    private readonly RecordingLogger<AllowedOrigins> _logger = new();

    [Fact]
    public void Without_lists_every_origin_may_act_and_none_is_listed()
    {
        var origins = Create("");
        Assert.True(origins.Permits("acme", "https://any.example"));
        Assert.False(origins.IsListed("acme", "https://any.example"));
        Assert.False(origins.IsListedByAny("https://any.example"));
    }

    [Theory]
    [InlineData("acme", "https://a.example", true)]
    [InlineData("ACME", "https://a.example", true)]
    [InlineData("acme", "https://default.example", false)]
    [InlineData("acme", "http://a.example", false)]
    [InlineData("acme", "null", false)]
    [InlineData("acme", "", true)]
    [InlineData("acme", null, true)]
    [InlineData("other", "https://default.example", true)]
    [InlineData("other", "https://a.example", false)]
    [InlineData("closed", "https://default.example", false)]
    [InlineData("open", "null", true)]
    public void List_of_the_organization_replaces_the_default(string organization, string? origin, bool isPermitted)
    {
        var origins = Create(
            "https://default.example", ("acme", "https://a.example"), ("closed", ""), ("open", "*"));
        Assert.Equal(isPermitted, origins.Permits(organization, origin));
        Assert.Equal(isPermitted ? [] : [1350], _logger.Ids);
    }

    [Fact]
    public void Refusal_names_the_setting_and_shortens_the_origin()
    {
        var origins = Create("", ("acme", "https://a.example"));
        origins.Permits("acme", "https://" + new string('x', 5000));
        Assert.Contains("OrdersActors:FrontEnd:AllowedOrigins:acme", _logger.Text, StringComparison.Ordinal);
        Assert.InRange(_logger.Text.Length, 1, 500);
    }

    private AllowedOrigins Create(string byDefault, params (string Organization, string List)[] lists)
    {
        var options = new FrontEndOptions { DefaultAllowedOrigins = byDefault };
        foreach (var (organization, list) in lists)
        {
            options.AllowedOrigins[organization] = list;
        }

        return new AllowedOrigins(Options.Create(options), _logger);
    }
}
