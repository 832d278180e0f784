using System.Net;
using System.Text;
using OrdersActors.EndToEndTests.Board;
using OrdersActors.TestServer;
using OrdersActors.TestServer.Contract;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>The description of <c>/ws</c> that the server serves.</summary>
[Collection(BoardCollection.Name)]
public sealed class AsyncApiTests(RunningServer running, ChromiumFixture chromium) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = running.Server.BaseAddress };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_page_may_read_the_document_and_a_second_read_gets_304()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/asyncapi.json");
        request.Headers.Add("Origin", "https://tools.example");
        using var answer = await _http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["*"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(
            MessageSchemas.ReadDocument().ToJsonString(),
            System.Text.Json.Nodes.JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!.ToJsonString());

        using var again = new HttpRequestMessage(HttpMethod.Get, "/asyncapi.json");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await _http.SendAsync(again, Stop);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/asyncapi.json");
        using var headers = await _http.SendAsync(head, Stop);
        Assert.Equal(
            (HttpStatusCode.OK, answer.Content.Headers.ContentLength),
            (headers.StatusCode, headers.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Production_has_the_document_but_not_the_page()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Environment = "Production" });
        using var http = new HttpClient { BaseAddress = server.BaseAddress };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/asyncapi.json", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/asyncapi", Stop)).StatusCode);
    }

    [Fact]
    public async Task Page_is_readable_on_a_phone_and_reports_no_problem()
    {
        await using var board = await chromium.OpenAsync(running.Server, width: 360, height: 740);
        var problems = new StringBuilder();
        board.Page.Console += (_, message) => problems.AppendLine(message.Text);
        board.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(running.Server.BaseAddress.AbsoluteUri, StringComparison.Ordinal))
            {
                problems.AppendLine(request.Url);
            }
        };
        var answer = await board.Page.GotoAsync("/asyncapi");
        Assert.Equal(200, answer!.Status);
        Assert.True(await board.Page.EvaluateAsync<bool>(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"));
        Assert.Equal(10, await board.Page.Locator("h3").CountAsync());
        // The style applies, so the policy of the page allows it.
        var table = board.Page.Locator(".table").First;
        Assert.Equal("auto", await table.EvaluateAsync<string>("e => getComputedStyle(e).overflowX"));
        Assert.Equal("", problems.ToString());
    }

    public void Dispose() => _http.Dispose();
}
