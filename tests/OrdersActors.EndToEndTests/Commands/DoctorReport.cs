using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Commands;

/// <summary>The findings of <c>doctor --json</c>.</summary>
internal sealed record DoctorReport(int ExitCode, IReadOnlyList<JsonElement> Findings)
{
    /// <summary>
    /// Settings whose connections fit into the limit of open files that this machine may have.
    /// </summary>
    public static Dictionary<string, string> FewConnections { get; } = new()
    {
        ["OrdersActors__FrontEnd__MaxConnections"] = "300",
        ["OrdersActors__FrontEnd__MaxHttpConnections"] = "100",
    };

    /// <summary>Runs the command with a server's settings.</summary>
    public static async Task<DoctorReport> RunAsync(ServerProcess server, params string[] more)
    {
        var result = await server.RunAsync(["doctor", "--json", .. more]);
        Assert.DoesNotContain(PostgresServer.Password, result.Output + result.Error, StringComparison.Ordinal);
        Assert.True(result.Error.Length == 0, result.ToString());
        return new DoctorReport(
            result.ExitCode,
            [.. JsonSerializer.Deserialize<JsonElement>(result.Output).GetProperty("findings").EnumerateArray()]);
    }

    /// <summary>Expects that nothing is wrong, and that no warning is given.</summary>
    public void ExpectHealthy()
    {
        Assert.All(Findings, finding => Assert.Contains(State(finding), (string[])["Ok", "Skipped"]));
        Assert.Equal(0, ExitCode);
    }

    /// <summary>Expects exactly one problem, with these words and a remedy, and exit code 1.</summary>
    public void ExpectOnly(string check, params string[] words)
    {
        var problem = Assert.Single(Findings, finding => State(finding) == "Problem");
        Assert.Equal(check, problem.GetProperty("check").GetString());
        Assert.All(
            words, word => Assert.Contains(
                word, problem.GetProperty("message").GetString(), StringComparison.Ordinal));
        Assert.NotEmpty(problem.GetProperty("fix").GetString()!);
        Assert.Equal(1, ExitCode);
    }

    private static string State(JsonElement finding) => finding.GetProperty("state").GetString()!;
}
