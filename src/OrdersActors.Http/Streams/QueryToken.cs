using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using OrdersActors.Http.Reading;

namespace OrdersActors.Http.Streams;

/// <summary>
/// Takes the token of an event stream from its query, because a browser's <c>EventSource</c> cannot send headers (RFC
/// 6750, section 2.3).
/// </summary>
/// <remarks>
/// A cookie would be sent with every request of the browser, also with those that another site makes it send, and would
/// not be bound to one stream. The token is removed from the request before anything else reads it. So no log or error
/// of this server contains it. A proxy may log it; hence tokens in URLs should expire within minutes.
/// </remarks>
internal static class QueryToken
{
    /// <summary>Moves the token into the header <c>Authorization</c>.</summary>
    /// <exception cref="Problems.ProblemException">The request has both.</exception>
    public static void MoveToHeader(HttpRequest request)
    {
        var rest = new List<KeyValuePair<string, string?>>();
        string? token = null;
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name == QueryReader.AccessToken)
            {
                token = value;
            }
            else
            {
                rest.Add(new KeyValuePair<string, string?>(name, value));
            }
        }

        if (string.IsNullOrEmpty(token))
        {
            return;
        }

        request.QueryString = QueryString.Create(rest);
        if (request.Headers.Authorization.Count > 0)
        {
            throw ReadProblems.Invalid(
                QueryReader.AccessToken, "must not be given together with the header Authorization");
        }

        request.Headers.Authorization = $"Bearer {token}";
    }
}
