using OrdersActors.EndToEndTests.Clients;
using OrdersActors.EndToEndTests.Examples;

namespace OrdersActors.EndToEndTests.Protocol.Compression;

/// <summary>
/// The package websockets of Python, which compresses by default, asks for a window of 12 bits, and uses zlib itself.
/// </summary>
public sealed class PythonCompressionTests(CompressingServer compressing) : IClassFixture<CompressingServer>
{
    private const string Client = """
        import asyncio, json, sys, websockets
        url, order, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
        async def main():
            async with websockets.connect(url) as ws:
                print([extension.name for extension in ws.extensions], flush=True)
                await ws.send(json.dumps({"type": "connect", "data": {"api_key": "demo-key"}, "unknown": "x" * 9000}))
                await ws.recv()
                await ws.send(json.dumps({"type": "subscribe", "data": {"order_id": order, "after": 0}}))
                await ws.recv()
                for _ in range(count):
                    event = json.loads(await ws.recv())["data"]
                    print(event["version"], event["status"], len(event["details"]["note"]), flush=True)
        asyncio.run(asyncio.wait_for(main(), 60))
        """;

    [Fact]
    public async Task Client_in_Python_reads_replayed_and_live_events_of_any_size()
    {
        var order = await compressing.NewOrderAsync();
        int[] sizes = [300, 1000, 4000, 5000, 60_000, 500];
        foreach (var size in sizes[1..])
        {
            await compressing.PublishAsync(order, $"s{size}", size);
        }

        var (exitCode, output) = await NodeRuntime.RunAsync(
            PythonTests.Python, null, TimeSpan.FromMinutes(1), "-c", "import websockets");
        TypeScriptPackage.Require(exitCode == 0, $"The Python package websockets is needed: {output}");
        await using var client = ExampleProcess.Start(
            PythonTests.Python, new Dictionary<string, string>(),
            "-c", Client, compressing.Address.AbsoluteUri, order, $"{sizes.Length + 1}");
        await client.WaitForLinesAsync(sizes.Length + 1);
        await compressing.PublishAsync(order, "live", 700);
        string[] expected =
        [
            "['permessage-deflate']", "1 created 300", .. sizes[1..].Select((size, i) => $"{i + 2} s{size} {size}"),
            "7 live 700",
        ];
        Assert.Equal(expected, await client.WaitForLinesAsync(expected.Length));
        Assert.Equal("", client.Errors);
    }
}
