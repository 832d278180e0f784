using System.Globalization;
using System.Net;
using System.Text.Json;
using OrdersActors.TestServer;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>An event of a stream, as a client received it.</summary>
internal sealed record ServerSentEvent(string Name, string? Id, string? Retry, string Data)
{
    public JsonElement Json => JsonElement.Parse(Data);

    public long Number => long.Parse(Id![(Id!.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
}

/// <summary>A client of event streams, which reads the fields of <c>text/event-stream</c>.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _reader;

    private StreamClient(HttpClient http, HttpResponseMessage answer, Stream body)
    {
        (_http, _answer) = (http, answer);
        _reader = new StreamReader(body);
    }

    public HttpResponseMessage Answer => _answer;

    /// <summary>The number of comments that came.</summary>
    public int Comments { get; private set; }

    /// <summary>Opens a stream with the demo account, or with other credentials.</summary>
    public static async Task<StreamClient> OpenAsync(
        Uri server, string url, string? lastEventId = null, (string Key, string Secret)? account = null,
        Version? version = null, bool isAnonymous = false)
    {
        var http = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (version is not null)
        {
            (request.Version, request.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
        }

        request.Headers.Accept.ParseAdd("text/event-stream");
        if (!isAnonymous)
        {
            var (key, secret) = account ?? ("demo-key", "demo-secret");
            request.Headers.Authorization = HttpPublisher.Basic(key, secret);
        }

        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(WaitTimeout);
        return new StreamClient(http, answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>A token of the demo account for one order. Its header names the key.</summary>
    public static string TokenFor(string order, TimeSpan lifetime) => TestToken.Create(
        "demo-secret",
        JsonSerializer.Serialize(
            new { orders = new[] { order }, exp = DateTimeOffset.UtcNow.Add(lifetime).ToUnixTimeSeconds() }),
        """{"alg":"HS256","typ":"JWT","kid":"demo-key"}""");

    /// <summary>Opens a stream and reads its confirmation.</summary>
    public static async Task<(StreamClient Client, ServerSentEvent Confirmation)> SubscribeAsync(
        Uri server, string url, string? lastEventId = null, (string Key, string Secret)? account = null)
    {
        var client = await OpenAsync(server, url, lastEventId, account);
        Assert.Equal(HttpStatusCode.OK, client.Answer.StatusCode);
        var confirmation = await client.ReadAsync();
        Assert.Equal("subscription", confirmation?.Name);
        return (client, confirmation!);
    }

    /// <summary>Returns the next event; null at the end of the stream.</summary>
    public async Task<ServerSentEvent?> ReadAsync()
    {
        string? name = null, id = null, retry = null, data = null;
        while (await _reader.ReadLineAsync().WaitAsync(WaitTimeout) is { } line)
        {
            if (line.Length == 0)
            {
                if (data is not null)
                {
                    return new ServerSentEvent(name ?? "message", id, retry, data);
                }

                continue;
            }

            if (line.StartsWith(':'))
            {
                Comments++;
                continue;
            }

            var (field, value) = (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..].TrimStart(' '));
            switch (field)
            {
                case "event":
                    name = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "retry":
                    retry = value;
                    break;
                default:
                    Assert.Equal("data", field);
                    data = value;
                    break;
            }
        }

        return null;
    }

    /// <summary>Reads so many events of orders.</summary>
    public async Task<List<ServerSentEvent>> ReadEventsAsync(int count)
    {
        var events = new List<ServerSentEvent>();
        while (events.Count < count)
        {
            var next = await ReadAsync();
            Assert.Equal("event", next?.Name);
            events.Add(next!);
        }

        return events;
    }

    /// <summary>Reads until the server ends the stream. Returns the reason; null if the transport ended.</summary>
    public async Task<string?> ReadEndAsync()
    {
        try
        {
            while (await ReadAsync() is { } next)
            {
                if (next.Name == "end")
                {
                    Assert.Null(await ReadAsync());
                    return next.Json.GetProperty("code").GetString();
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _answer.Dispose();
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
