using Microsoft.Extensions.Configuration;
using OrdersActors.FrontEnd;
using OrdersActors.FrontEnd.Limits;

namespace OrdersActors.Tests.FrontEnd.Limits;

public sealed class OriginSettingsTests
{
    [Fact]
    public void Lists_are_texts_or_arrays()
    {
        const string Section = "OrdersActors:FrontEnd:AllowedOrigins:";
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [Section + "text"] = "https://a.example,https://b.example",
            [Section + "array:0"] = "https://c.example",
            [Section + "array:1"] = "https://d.example",
            [Section + "closed"] = "",
            [Section + "with:colon"] = "https://e.example",
        }).Build();
        var options = new FrontEndOptions();
        OriginSettings.Read(options, configuration);
        // The order of a list has no meaning.
        Assert.Equal(
            ["array https://c.example,https://d.example", "closed ", "text https://a.example,https://b.example",
                "with:colon https://e.example"],
            options.AllowedOrigins
                .Select(pair => $"{pair.Key} {string.Join(',', pair.Value.Split(',').Order())}").Order());
    }
}
