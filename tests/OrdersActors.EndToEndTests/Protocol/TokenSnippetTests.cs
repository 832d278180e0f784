using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>The protocol page's ways to make a token, run as printed. The real server accepts each token.</summary>
public sealed class TokenSnippetTests(RunningServer running)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Fact]
    public Task JavaScript_makes_a_token() => AcceptsAsync((shop, order) => RunAsync(
        "node", ["--input-type=module"],
        $$"""
        const [key, secret] = [{{Quote(shop.Key)}}, {{Quote(shop.Secret)}}];
        const [customer, orders] = ["customer-7", [{{Quote(order)}}]];
        {{Snippet("js")}}
        console.log(token);
        """));

    [Fact]
    public Task Python_makes_a_token() => AcceptsAsync((shop, order) => RunAsync(
        "python3", ["-"],
        $"""
        key, secret = {Quote(shop.Key)}, {Quote(shop.Secret)}
        customer, orders = "customer-7", [{Quote(order)}]
        {Snippet("python")}
        print(token)
        """));

    [Fact]
    public Task Bash_with_openssl_makes_a_token() => AcceptsAsync((shop, order) => RunAsync(
        "bash", ["-s"],
        $"""
        set -euo pipefail
        key='{shop.Key}' secret='{shop.Secret}' order='{order}'
        {Snippet("bash")}
        echo "$token"
        """));

    [Fact]
    public Task CSharp_makes_a_token() => AcceptsAsync((shop, order) => Task.FromResult((string)CSharpCode.Run(
        $$"""
        using System.Buffers.Text;
        using System.Security.Cryptography;
        using System.Text;
        using System.Text.Json;

        public static class Snippet
        {
            public static string Run(string key, string secret, string customer, string[] orders)
            {
                {{Snippet("csharp")}}
                return token;
            }
        }
        """,
        shop.Key, shop.Secret, "customer-7", new[] { order })!));

    private static string Snippet(string language) => Readme.Protocol.CodeIn("Tokens", language).TrimEnd();

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>Runs a script from standard input. Skips the test if its program is missing.</summary>
    private static async Task<string> RunAsync(string program, string[] arguments, string script)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            Assert.Skip($"Not permitted on this machine: {program} is not installed");
        }

        await process.StandardInput.WriteAsync(script + "\n");
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)
            .WaitAsync(Timeout, TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return output.Trim();
    }

    private async Task AcceptsAsync(Func<Shop, string, Task<string>> make)
    {
        var shop = await running.NewShopAsync();
        var order = RunningServer.NewOrder();
        var token = await make(shop, order);
        await using var client = await SeedClient.OpenAsync(running.Address);
        await client.SendAsync(TestToken.Connect(shop.Key, token));
        await client.SubscribeAsync(order);
        await client.SendAsync(SeedClient.Subscription("subscribe", RunningServer.NewOrder()));
        await client.ExpectErrorAsync("access_denied");
        await shop.PublishAsync(order);
        await client.WaitForEventsAsync(1);
        Assert.Equal(1, client.Events[0].GetProperty("version").GetInt32());
    }
}
