using System.Text.Json;

namespace OrdersActors.EndToEndTests.Protocol;

/// <summary>
/// The recorded sessions, with which clients in other languages are tested, are what a real server sends.
/// </summary>
public sealed class SessionVectorTests(RunningServer running)
{
    private static readonly JsonElement[] Sessions = Read();

    public static TheoryData<string> Replayed =>
    [
        .. Sessions.Where(session => session.GetProperty("server").ValueEquals("replayed"))
            .Select(session => session.GetProperty("name").GetString()!),
    ];

    [Theory]
    [MemberData(nameof(Replayed))]
    public async Task Real_server_sends_what_the_session_says(string name)
    {
        var session = Sessions.Single(session => session.GetProperty("name").ValueEquals(name));
        await using var replay = new SessionReplay(await running.NewShopAsync(), session);
        await replay.RunAsync();
    }

    private static JsonElement[] Read()
    {
        using var json = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Readme", "sessions.json")));
        return [.. json.RootElement.GetProperty("sessions").EnumerateArray().Select(session => session.Clone())];
    }
}
