using System.Text;
using System.Text.Json;
using OrdersActors.FrontEnd.Transport;
using OrdersActors.TestServer.Contract;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Protocol.Vectors;

/// <summary>
/// Checks the messages of <c>sessions.json</c>. The end-to-end tests replay those sessions that a real server can
/// produce.
/// </summary>
public sealed class SessionVectorTests
{
    private static readonly JsonElement File = Support.Vectors.Read("sessions.json");

    public static TheoryData<string> Sessions => Support.Vectors.Names(File, "sessions");

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Messages_have_their_schemas(string name)
    {
        foreach (var (step, value) in StepsOf(name))
        {
            Assert.Null(step switch
            {
                "send" or "resend" => MessageSchemas.Current.ProblemOfRequest(value),
                "receive" => MessageSchemas.Current.ProblemOfReply(value),
                "open" or "close" or "cut" or "advance" or "silent" or "unsubscribe" or "publish" => null,
                _ => $"the step {step} is not known",
            });
        }
    }

    /// <summary>An error of the server announces each close.</summary>
    [Theory]
    [MemberData(nameof(Sessions))]
    public void Closes_are_announced_as_the_server_does(string name)
    {
        var steps = StepsOf(name).ToArray();
        foreach (var (index, (step, status)) in steps.Index())
        {
            if (step == "close")
            {
                var announced = steps[index - 1].Value.GetRawText();
                Assert.Contains(
                    ProtocolDescriptionTests.Closes.Where(reason => reason.Status == status.GetInt32()),
                    reason => AreEqual(reason.ToFrames()[0], announced));
            }
        }
    }

    /// <summary>A handler sees each event of its feed that the server sends, once and in order.</summary>
    [Theory]
    [MemberData(nameof(Sessions))]
    public void Handlers_see_the_events_that_the_server_sends(string name)
    {
        var session = Support.Vectors.Find(File, "sessions", name);
        var received = StepsOf(name).Where(step => step.Name == "receive" && step.Value.Text("type") == "event")
            .Select(step => step.Value.GetProperty("data")).ToArray();
        foreach (var subscription in session.GetProperty("subscriptions").EnumerateArray())
        {
            var order = subscription.Text("order_id");
            Assert.Equal(
                received.Where(e => order is null || e.Text("order_id") == order).Select(Describe),
                session.GetProperty("handled").EnumerateArray()
                    .Where(item => item.TryGetProperty("event", out _)
                        && item.GetProperty("subscription").Text("order_id") == order)
                    .Select(item => Describe(item.GetProperty("event"))));
        }
    }

    private static IEnumerable<(string Name, JsonElement Value)> StepsOf(string name) =>
        Support.Vectors.Find(File, "sessions", name).GetProperty("steps").EnumerateArray()
            .Select(step => step.EnumerateObject().Single()).Select(field => (field.Name, field.Value));

    private static string Describe(JsonElement e) =>
        $"{e.Text("id")} {e.Text("order_id")} {e.Number("version")} {e.Text("status")}";

    private static bool AreEqual(byte[] frame, string json)
    {
        using var one = JsonDocument.Parse(Encoding.UTF8.GetString(WebSocketFrame.PayloadOf(frame)));
        using var other = JsonDocument.Parse(json);
        return JsonElement.DeepEquals(one.RootElement, other.RootElement);
    }
}
