using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OrdersActors.Http.Problems;

/// <summary>Writes a problem as <c>application/problem+json</c> (RFC 9457).</summary>
internal static class ProblemDocument
{
    public const string ContentType = "application/problem+json";

    private const string Realm = "realm=\"OrdersActors\"";

    /// <summary>Writes the answer. The response must not have started.</summary>
    public static async Task WriteAsync(HttpContext context, ProblemException problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = Challenge(context.Request);
        }

        if (problem.RetryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await JsonBody.WriteAsync(context, ContentType, json => Write(json, problem));
        }
    }

    /// <summary>
    /// A browser shows a login dialogue for Basic. A page that uses tokens handles the failure itself, so a request
    /// with a token gets another challenge.
    /// </summary>
    private static string Challenge(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? $"Bearer {Realm}, error=\"invalid_token\""
            : $"Basic {Realm}, charset=\"UTF-8\"";

    private static void Write(Utf8JsonWriter json, ProblemException problem)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, ProblemCode.TypeOf(problem.Code));
        json.WriteString("title"u8, ProblemCode.TitleOf(problem.Code, problem.Status));
        json.WriteNumber("status"u8, problem.Status);
        json.WriteString("detail"u8, problem.Message);
        json.WriteString("code"u8, problem.Code);
        if (problem.Field is { } field)
        {
            json.WriteString("field"u8, field);
        }

        if (problem.Index is { } index)
        {
            json.WriteNumber("index"u8, index);
        }

        if (problem.Line is { } line)
        {
            json.WriteNumber("line"u8, line);
        }

        foreach (var (name, value) in problem.Members)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value);
        }

        json.WriteEndObject();
    }
}
