using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OrdersActors.EndToEndTests.Http;

/// <summary>A service that publishes over HTTP.</summary>
internal sealed class HttpPublisher : IDisposable
{
    public const string Json = "application/json";
    public const string Lines = "application/x-ndjson";

    private readonly HttpClient _http;

    public HttpPublisher(Uri server, string? key = null, string? secret = null)
    {
        _http = new HttpClient { BaseAddress = server };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = Basic(key, secret ?? "");
        }
    }

    public static AuthenticationHeaderValue Basic(string key, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{key}:{secret}")));

    public Task<HttpAnswer> PostAsync(string body, string type = Json, params (string Name, string Value)[] headers) =>
        PostAsync(new StringContent(body), type, headers);

    public async Task<HttpAnswer> PostAsync(
        HttpContent content, string type = Json, params (string Name, string Value)[] headers)
    {
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await SendAsync(request);
    }

    public async Task<HttpAnswer> SendAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request);
        return new HttpAnswer(
            (int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType,
            await answer.Content.ReadAsStringAsync(), answer.Headers);
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>The answer of the server.</summary>
internal sealed record HttpAnswer(int Status, string? Type, string Body, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public long Number(string name) => Json.GetProperty(name).GetInt64();

    public string? Text(string name) => Json.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>Asserts the status, and for a problem also its code.</summary>
    public HttpAnswer Expect(int status, string? code = null)
    {
        Assert.True(status == Status, $"expected {status}, got {Status}: {Body}");
        if (code is not null)
        {
            Assert.Equal("application/problem+json", Type);
            Assert.Equal(code, Text("code"));
            Assert.Equal(status, Number("status"));
            Assert.NotEmpty(Text("title")!);
            Assert.NotEmpty(Text("detail")!);
            Assert.StartsWith("urn:orders-actors:problem:", Text("type"), StringComparison.Ordinal);
        }

        return this;
    }
}
