using System.Text.RegularExpressions;
using OrdersActors.Server.Commands.Settings;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Commands.Settings;

public partial class KnownSettingsTests
{
    [Theory]
    [InlineData("OrdersActors:FrontEnd:MaxConnections", "50000")]
    [InlineData("OrdersActors:Retention:MaxAge", "30.00:00:00")]
    [InlineData("OrdersActors:SiloPort", "11111")]
    [InlineData("OrdersActors:Sqlite:FullDurability", "true")]
    public void Setting_has_its_default(string name, string expected) =>
        Assert.Equal(expected, KnownSettings.All.Single(setting => setting.Name == name).Default);

    [Theory]
    [InlineData("ordersactors:frontend:maxconnections", true)]
    [InlineData("OrdersActors:FrontEnd:AllowedOrigins:acme", true)]
    [InlineData("OrdersActors:FrontEnd:MaxConection", false)]
    [InlineData("OrdersActors:FrontEnd:MaxConnections:more", false)]
    // Code sets these, not a setting.
    [InlineData("OrdersActors:Sqlite:DataDirectory", false)]
    [InlineData("OrdersActors:Postgres:ConnectionString", false)]
    public void Names_are_known_or_not(string name, bool isKnown) => Assert.Equal(isKnown, KnownSettings.Has(name));

    /// <summary>A section that is missing in <see cref="KnownSettings"/> would be reported as misspelled.</summary>
    [Fact]
    public void Every_section_that_the_product_reads_is_known()
    {
        var sections = Directory
            .EnumerateFiles(SourceFolders.Source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}"))
            .SelectMany(file => SectionName.Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.NotEmpty(sections);
        Assert.All(sections, section => Assert.True(
            KnownSettings.Has(section) || KnownSettings.All.Any(
                setting => setting.Name.StartsWith(section + ":", StringComparison.Ordinal)),
            section));
    }

    // Also a setting that is directly in the section OrdersActors.
    [GeneratedRegex("""
        "(OrdersActors:\w+)"
        """)]
    private static partial Regex SectionName { get; }
}
