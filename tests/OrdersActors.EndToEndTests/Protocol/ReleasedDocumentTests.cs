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
        await InstallAsync();
        (string Change, Action<JsonNode> Apply, string Expected)[] changes =
        [
            ("a field less", d => Fields(d, "Event").Remove("details"),
                "breaking: remove /channels/orders/messages/event/payload/properties/data/properties/details"),
            ("a lower limit", d => Schema(d, "OrderId")["maxLength"] = 64, "breaking: edit /channels/orders/messages/"),
            ("a new obligation", d => Schema(d, "Subscribe")["required"]!.AsArray().Add("data"),
                "breaking: add /channels/orders/messages/subscribe/payload/required/data"),
            ("a code less", d => Schema(d, "ErrorCode")["enum"]!.AsArray().RemoveAt(0), "/code/enum/invalid_message"),
            ("no title", d => d["info"]!.AsObject().Remove("title"), "invalid: "),
        ];
        foreach (var (change, apply, expected) in changes)
        {
            var (exitCode, output) = await CheckAsync(Changed(apply));
            Assert.True(exitCode == 1 && output.Contains(expected, StringComparison.Ordinal), $"{change}: {output}");
        }
    }

    [Fact]
    public async Task Additions_are_compatible()
    {
        await InstallAsync();
        var document = Changed(d =>
        {
            Fields(d, "Event")["later"] = new JsonObject { ["type"] = "string" };
            Schema(d, "ErrorCode")["enum"]!.AsArray().Add("later_code");
            Schema(d, "RequestedOrderId")["maxLength"] = 256;
            d["info"]!["version"] = "9.0.0";
        });
        Assert.Equal((0, ""), await CheckAsync(document));
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string document)
    {
        await InstallAsync();
        return await NodeRuntime.RunAsync("node", Folder, CheckTimeout, "check.mjs", document, Released);
    }

    /// <summary>A changed copy of the released document. Returns its file.</summary>
    private static string Changed(Action<JsonNode> apply)
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, Released)))!;
        apply(document);
        var name = $"changed-{Guid.NewGuid():N}.json";
        File.WriteAllText(Path.Combine(Folder, name), document.ToJsonString());
        return name;
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
