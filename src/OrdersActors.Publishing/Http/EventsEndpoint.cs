using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OrdersActors.Publishing.Http;

/// <summary>Sends a batch to <c>POST /v1/events</c> and reads the answer. Thread-safe.</summary>
internal sealed class EventsEndpoint(
    HttpClient http, Uri address, AuthenticationHeaderValue credentials, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>HTTP Basic with the key and its secret.</summary>
    public static AuthenticationHeaderValue Basic(string apiKey, string apiSecret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{apiKey}:{apiSecret}")));

    /// <summary>Stores a batch.</summary>
    /// <exception cref="ServerBusyException">The request may be repeated.</exception>
    /// <exception cref="TooLargeException">The server accepts only smaller batches.</exception>
    /// <exception cref="InvalidOrderEventException">A field is invalid.</exception>
    /// <exception cref="EventConflictException">An id belongs to another event.</exception>
    /// <exception cref="PublishFailedException">The server refuses the request.</exception>
    public async Task<PublishedEvent[]> StoreAsync(
        string organizationId, EventBatch batch, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Headers.Authorization = credentials;
        request.Content = new ReadOnlyMemoryContent(EventsBody.Write(organizationId, batch.Events));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var answer = await http.SendAsync(request, either.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created
                ? ReadStored(body, batch)
                : throw Refusal(answer, body, batch);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw new ServerBusyException(e.Message, TimeSpan.Zero);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerBusyException($"no answer within {AnswerTimeout.TotalSeconds} s", TimeSpan.Zero);
        }
    }

    public void Dispose() => http.Dispose();

    private static PublishedEvent[] ReadStored(byte[] body, EventBatch batch)
    {
        using var json = JsonDocument.Parse(body);
        PublishedEvent[] stored = json.RootElement.ValueKind == JsonValueKind.Array
            ? [.. json.RootElement.EnumerateArray().Select(ReadStored)]
            : [];
        // A proxy or another server has answered.
        return stored.Length == batch.Events.Count
            ? stored
            : throw new JsonException("the answer is not the server's answer to this request");
    }

    private static PublishedEvent ReadStored(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object
        && answer.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
        && id.GetString() is { } text
        && TryGetNumber(answer, "version", out var number) && TryGetNumber(answer, "sequence", out var position)
            ? new PublishedEvent(text, number, position, answer.TryGetProperty("repeat", out var repeat)
                && repeat.ValueKind == JsonValueKind.True)
            : throw new JsonException("the answer is not the server's answer to this request");

    private static bool TryGetNumber(JsonElement answer, string name, out long number)
    {
        number = 0;
        return answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out number);
    }

    private Exception Refusal(HttpResponseMessage answer, byte[] body, EventBatch batch)
    {
        var problem = HttpProblem.Read(body);
        var status = (int)answer.StatusCode;
        var message = $"the server answered {status}: {problem.Detail ?? answer.ReasonPhrase}";
        return status switch
        {
            400 when problem is { Code: "invalid_event", Field: not null } => problem.ToInvalid(batch),
            409 when problem.Code == "conflict" => problem.ToConflict(batch),
            413 when batch.Events.Count > 1 => new TooLargeException(message),
            408 or 429 or >= 500 => new ServerBusyException(message, RetryAfter(answer)),
            _ => new PublishFailedException(
                message, new HttpRequestException(message, null, answer.StatusCode), batch.Start),
        };
    }

    private TimeSpan RetryAfter(HttpResponseMessage answer)
    {
        var header = answer.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - time.GetUtcNow()) ?? TimeSpan.Zero;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > MostRetryAfter ? MostRetryAfter : wait;
    }
}

/// <summary>The server accepts only smaller batches.</summary>
internal sealed class TooLargeException(string message) : Exception(message);
