using OrdersActors.EndToEndTests.Protocol;

namespace OrdersActors.EndToEndTests.Testing;

/// <summary>
/// All C# code of the page of <c>OrdersActors.Testing</c>, compiled and run as printed. <c>PackageTests</c> runs the
/// first test in a project outside of the repository.
/// </summary>
public sealed class TestingReadmeTests
{
    private const string Usings = """
        using Microsoft.Extensions.Logging;
        using OrdersActors;
        using OrdersActors.Client;
        using OrdersActors.Publishing;
        using OrdersActors.Testing;
        using Xunit;
        """;

    [Fact]
    public void Every_block_has_a_test() => Assert.Equal(5, Readme.Testing.Codes("csharp").Count);

    [Fact]
    public async Task First_test_passes()
    {
        var type = CSharpCode.Compile(Readme.Testing.Code("csharp")).GetTypes()
            .Single(type => type.Name == "OrderPageTests");
        var test = Assert.Single(type.GetMethods(), method => method.IsDefined(typeof(FactAttribute), inherit: false));
        await (Task)test.Invoke(Activator.CreateInstance(type), [])!;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Statements_run(int index) => CSharpCode.RunAsync($$"""
        {{Usings}}

        public static class Snippet
        {
            public static async Task Run()
            {
                {{Readme.Testing.Codes("csharp")[index]}}
            }
        }

        {{(index == 3 ? Readme.Testing.Codes("csharp")[4] : "")}}
        """);
}
