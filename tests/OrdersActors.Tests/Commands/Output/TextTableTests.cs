using OrdersActors.Server.Commands.Output;

namespace OrdersActors.Tests.Commands.Output;

public class TextTableTests
{
    [Fact]
    public void Columns_are_as_wide_as_their_cells_and_nothing_is_cut()
    {
        var table = new TextTable("NAME", "VALUE");
        var wide = new string('x', 300);
        table.Add("[red]a[/]", wide);
        table.Add("b", "1");
        Assert.Equal(
            ["NAME       VALUE", $"[red]a[/]  {wide}", "b          1"],
            table.ToText().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
