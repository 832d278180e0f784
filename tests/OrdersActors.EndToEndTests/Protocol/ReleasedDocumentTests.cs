using System.ComponentModel;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// The AsyncAPI document of <c>/ws</c> is valid, and breaks no client of the last released one. The tests use the
/// parser and the comparison of the AsyncAPI project, which <c>npm ci</c> installs beside the tests, once.
/// </summary>
public sealed class ReleasedDocumentTests
{
    private const string Document = "asyncapi.json";
    private const string Released = "released.json";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "AsyncApi");
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromMinutes(2);
    private static readonly SemaphoreSlim Installing = new(1);

    [Fact]
    public async Task Document_is_valid_and_compatible_with_the_released_one() =>
        Assert.Equal((0, ""), await CheckAsync(Document));

    [Fact]
    public async Task Incompatible_changes_are_found()
    {
        var (exitCode, output) = await CheckChangedAsync(d =>
        {
            Fields(d, "Event").Remove("details");
            Schema(d, "OrderId")["maxLength"] = 64;
            Schema(d, "Subscribe")["required"]!.AsArray().Add("data");
            Schema(d, "ErrorCode")["enum"]!.AsArray().RemoveAt(0);
            d["operations"]!.AsObject().Remove("announceExpiry");
        });
        Assert.Equal(1, exitCode);
        const string messages = "/channels/orders/messages", data = "payload/properties/data/properties";
        Assert.Contains($"breaking: remove {messages}/event/{data}/details\n", output);
        Assert.Contains($"breaking: edit {messages}/event/{data}/order_id/maxLength\n", output);
        Assert.Contains($"breaking: add {messages}/subscribe/payload/required/data\n", output);
        Assert.Contains($"breaking: remove {messages}/error/{data}/code/enum/invalid_message\n", output);
        Assert.Contains("breaking: remove /operations/announceExpiry\n", output);
    }

    [Fact]
    public async Task Invalid_document_is_found()
    {
        var (exitCode, output) = await CheckChangedAsync(d => d["info"]!.AsObject().Remove("title"));
        Assert.Equal(1, exitCode);
        Assert.StartsWith("invalid: ", output);
    }

    [Fact]
    public async Task Additions_are_compatible() =>
        Assert.Equal((0, ""), await CheckChangedAsync(d =>
        {
            Fields(d, "Event")["later"] = new JsonObject { ["type"] = "string" };
            Schema(d, "ErrorCode")["enum"]!.AsArray().Add("later_code");
            Schema(d, "RequestedOrderId")["maxLength"] = 256;
            d["info"]!["version"] = "9.0.0";
        }));

    private static async Task<(int ExitCode, string Output)> CheckAsync(string document)
    {
        await InstallAsync();
        return await NodeRuntime.RunAsync("node", Folder, CheckTimeout, "check.mjs", document, Released);
    }

    /// <summary>Checks a changed copy of the released document.</summary>
    private static async Task<(int ExitCode, string Output)> CheckChangedAsync(Action<JsonNode> apply)
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(
            Path.Combine(Folder, Released), TestContext.Current.CancellationToken))!;
        apply(document);
        var file = Path.Combine(Path.GetTempPath(), $"asyncapi-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(file, document.ToJsonString(), TestContext.Current.CancellationToken);
        try
        {
            return await CheckAsync(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static JsonNode Schema(JsonNode document, string name) => document["components"]!["schemas"]![name]!;

    private static JsonObject Fields(JsonNode document, string name) =>
        Schema(document, name)["properties"]!["data"]!["properties"]!.AsObject();

    /// <summary>Installs the packages of the lock file, unless they are installed.</summary>
    private static async Task InstallAsync()
    {
        Require(await NodeRuntime.FindAsync() >= NodeRuntime.Least, $"Node {NodeRuntime.Least} or newer is needed");
        var wanted = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "package-lock.json"))));
        var installed = Path.Combine(Folder, "node_modules", ".installed");
        await Installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (File.Exists(installed) && File.ReadAllText(installed) == wanted)
            {
                return;
            }

            var (exitCode, output) = await NodeRuntime.RunAsync(
                "npm", Folder, InstallTimeout, "ci", "--ignore-scripts", "--prefer-offline");
            Require(exitCode == 0, $"npm ci failed: {output}");
            File.WriteAllText(installed, wanted);
        }
        catch (Win32Exception e)
        {
            Require(false, $"npm is needed: {e.Message}");
        }
        finally
        {
            Installing.Release();
        }
    }

    /// <summary>Skips the test if a program is missing; fails it in CI.</summary>
    private static void Require(bool condition, string reason)
    {
        if (!condition)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", reason);
            Assert.Fail(reason);
        }
    }
}
