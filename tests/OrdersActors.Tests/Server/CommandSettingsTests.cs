using OrdersActors.Server.Commands;

namespace OrdersActors.Tests.Server;

public sealed class CommandSettingsTests
{
    [Fact]
    public void Settings_are_separated_from_other_arguments_in_both_spellings()
    {
        var settings = CommandSettings.Split(
            [
                "keys", "--OrdersActors:DataDirectory", "/srv/a b", "revoke",
                "--ConnectionStrings:OrdersActors=Host=db;Port=1", "oak_1",
            ]);
        Assert.Equal(["keys", "revoke", "oak_1"], settings.Rest);
        Assert.Equal("/srv/a b", settings.Values["OrdersActors:DataDirectory"]);
        Assert.Equal("Host=db;Port=1", settings.Values["connectionstrings:ordersactors"]);
        Assert.Null(settings.WithoutValue);
    }

    [Theory]
    [InlineData("--id=--a:b")]
    [InlineData("--urls=http://localhost:5080")]
    [InlineData("{\"--a:b\":1}")]
    [InlineData("o:1")]
    [InlineData("--:a")]
    public void Other_arguments_stay(string argument)
    {
        var settings = CommandSettings.Split(["publish", argument]);
        Assert.Equal(["publish", argument], settings.Rest);
        Assert.Empty(settings.Values);
    }

    [Fact]
    public void Setting_without_a_value_is_reported() =>
        Assert.Equal(
            "--OrdersActors:SiloPort", CommandSettings.Split(["serve", "--OrdersActors:SiloPort"]).WithoutValue);

    [Fact]
    public void Arguments_after_two_dashes_are_not_settings() =>
        Assert.Equal(["keys", "--", "--A:B=c"], CommandSettings.Split(["keys", "--", "--A:B=c"]).Rest);
}
