using OrdersActors.Client;
using OrdersActors.EndToEndTests.Protocol;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Client;

/// <summary>All C# code of the .NET client's page, compiled and run as printed with the real server.</summary>
public sealed class ClientReadmeTests(RunningServer running)
{
    private const string Address = "wss://orders.example";

    // Only failing tests wait this long.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    private readonly string _order = RunningServer.NewOrder();

    [Fact]
    public void Every_block_has_a_test() => Assert.Equal(3, Readme.Client.Codes("csharp").Count);

    [Fact]
    public async Task First_lines_write_the_status_of_the_order()
    {
        var shop = await running.NewShopAsync();
        await shop.PublishAsync(_order, "paid");
        var code = Code(0);
        var seen = new SeenLines();
        await RunUntilAsync(
            seen.Has($"{_order} is paid"),
            cancellation => CSharpCode.RunAsync(
                $$"""
                {{UsingsOf(code)}}

                public static class Snippet
                {
                    public static async Task Run(string key, TextWriter Console, CancellationToken cancellationToken)
                    {
                        {{WithoutUsings(code)}}
                    }
                }
                """,
                shop.Key, seen, cancellation));
    }

    [Fact]
    public async Task Client_of_the_container_watches_with_a_token()
    {
        var shop = await running.NewShopAsync();
        await shop.PublishAsync(_order, "paid");
        var code = Code(1);
        Assert.Contains("\"…\"", code, StringComparison.Ordinal);
        var seen = new SeenLines();
        await RunUntilAsync(
            seen.Has("paid"),
            cancellation => CSharpCode.RunAsync(
                $$"""
                using Microsoft.Extensions.DependencyInjection;
                using Microsoft.Extensions.Hosting;
                using OrdersActors.Client;

                public sealed class Backend(string token)
                {
                    public Task<string> GetOrdersTokenAsync(CancellationToken cancellation) => Task.FromResult(token);
                }

                public static class Snippet
                {
                    public static async Task Run(string key, string token, string order, TextWriter seen,
                        CancellationToken cancellationToken)
                    {
                        var builder = Host.CreateEmptyApplicationBuilder(null);
                        var backend = new Backend(token);
                        {{code.Replace("\"…\"", "key", StringComparison.Ordinal)}}
                        using var host = builder.Build();
                        await host.StartAsync(cancellationToken);
                        var client = host.Services.GetRequiredService<IOrdersClient>();
                        await foreach (var e in client.WatchAsync(order, WatchStart.Current, cancellationToken))
                        {
                            seen.WriteLine(e.Status);
                        }
                    }
                }
                """,
                shop.Key, TestToken.ForOrders(shop.Secret, [_order], DateTimeOffset.UtcNow.AddHours(1)), _order, seen,
                cancellation));
    }

    [Theory]
    [InlineData("another history", true)]
    [InlineData(null, false)]
    public async Task Loop_over_gaps_starts_again_and_drops_a_rewritten_history(string? epoch, bool isDropped)
    {
        var shop = await running.NewShopAsync();
        await shop.PublishAsync(_order, "created");
        await shop.PublishAsync(_order, "paid");
        await using var client = new OrdersClient(
            new OrdersClientOptions { Address = running.Address, ApiKey = shop.Key });
        var seen = new SeenLines();
        await RunUntilAsync(
            seen.Has("saved 2 paid"),
            cancellation => CSharpCode.RunAsync(
                $$"""
                using OrdersActors.Client;

                public static class Snippet
                {
                    private static TextWriter? _seen;

                    public static async Task Run(OrdersClient client, EventPosition stored, TextWriter seen,
                        CancellationToken cancellationToken)
                    {
                        _seen = seen;
                        {{Code(2)}}
                    }

                    private static Task SaveAsync(OrderUpdate e) =>
                        _seen!.WriteLineAsync($"saved {e.Version} {e.Status}");

                    private static Task DropAsync(string order) => _seen!.WriteLineAsync($"dropped {order}");
                }
                """,
                client, new EventPosition(isDropped ? 7 : 0, epoch), seen, cancellation));
        Assert.Equal(
            [.. isDropped ? [$"dropped {_order}"] : Array.Empty<string>(), "saved 1 created", "saved 2 paid"],
            seen.Lines);
    }

    /// <summary>A block of the page, with the address of the running server and an order of this test.</summary>
    private string Code(int index)
    {
        var code = Readme.Client.Codes("csharp")[index];
        Assert.True(
            code.Contains(Address, StringComparison.Ordinal) || code.Contains("o-1", StringComparison.Ordinal), code);
        return code.Replace(Address, running.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
            .Replace("o-1", _order, StringComparison.Ordinal);
    }

    private static string UsingsOf(string code) => string.Join('\n', code.Split('\n').Where(IsUsing));

    private static string WithoutUsings(string code) =>
        string.Join('\n', code.Split('\n').Where(line => !IsUsing(line)));

    private static bool IsUsing(string line) =>
        line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';') && !line.Contains('=');

    /// <summary>Runs code that ends only when it is cancelled, until it has done something.</summary>
    private static async Task RunUntilAsync(Task done, Func<CancellationToken, Task> run)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = run(left.Token);
        await Task.WhenAny(done, running).WaitAsync(Timeout, CancellationToken.None);
        if (!done.IsCompleted)
        {
            await running;
        }

        Assert.True(done.IsCompleted, "the code has ended too early");
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>The lines that the code has written.</summary>
    private sealed class SeenLines : StringWriter
    {
        private readonly List<string> _lines = [];
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private string? _awaited;

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        /// <summary>Completes when this line is written.</summary>
        public Task Has(string line)
        {
            _awaited = line;
            return _seen.Task;
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }

        public override void WriteLine(string? value)
        {
            lock (_lines)
            {
                _lines.Add(value!);
            }

            if (value == _awaited)
            {
                _seen.TrySetResult();
            }
        }
    }
}
