using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrdersActors.FrontEnd.Sessions.Authentication;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Authentication;

/// <summary>
/// Reads the credentials of a request from its <c>Authorization</c> header: Basic with key and secret, a signature, or
/// a Bearer token. Checks only their form. Everything it allocates is bounded by the header's length.
/// </summary>
internal static class RequestCredentials
{
    // A key, a colon and a secret, in base64. The longest key has 128 characters.
    private const int MaxBasicLength = 2 * 1024;

    // As long as the largest message of a WebSocket client by default, which may contain a token as well.
    private const int MaxTokenLength = 16 * 1024;

    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly string[] NamesOfSecrets =
    [
        "api_key", "apikey", "api_secret", "access_token", "token", "authorization", "authorization_signature",
        "signature",
    ];

    /// <exception cref="ProblemException">
    /// 400: the query has credentials. 401: there are none, or their form is wrong.
    /// </exception>
    public static ClientCredentials Read(HttpRequest request)
    {
        RefuseInQuery(request);
        var headers = request.Headers.Authorization;
        if (headers.Count != 1 || headers.ToString().Trim() is not { Length: > 0 } header)
        {
            throw new ProblemException(401, ProblemCode.NotAuthenticated, headers.Count > 1
                ? "there is more than one Authorization header"
                : "an Authorization header is required: Basic with api_key:api_secret, a signature, or a Bearer token");
        }

        return SignatureText.IsLike(header) ? ReadSignature(header, request)
            : TryScheme(header, "Basic", out var basic) ? ReadBasic(basic)
            : TryScheme(header, "Bearer", out var token) ? ReadToken(token)
            : throw new ProblemException(401, ProblemCode.NotAuthenticated,
                "the Authorization header must begin with Basic, APIKey= or Bearer");
    }

    /// <summary>
    /// The path that a signature covers: the path of the request line as the client wrote it, without the query.
    /// </summary>
    public static string SignedPath(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        return target is ['/', ..]
            ? target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? target[..query] : target
            : (request.PathBase + request.Path).ToUriComponent();
    }

    private static void RefuseInQuery(HttpRequest request)
    {
        if (request.QueryString.HasValue
            && request.Query.Keys.FirstOrDefault(key => NamesOfSecrets.Contains(key, StringComparer.OrdinalIgnoreCase))
                is { } name)
        {
            throw new ProblemException(400, ProblemCode.InvalidRequest,
                "credentials are accepted in the Authorization header only, because queries appear in logs; replace "
                + "this key or token")
            {
                Field = name,
            };
        }
    }

    private static bool TryScheme(string header, string scheme, out string value)
    {
        var isScheme = header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            && header.Length > scheme.Length && header[scheme.Length] == ' ';
        value = isScheme ? header[scheme.Length..].Trim(' ') : "";
        return isScheme;
    }

    private static ClientCredentials ReadSignature(string header, HttpRequest request)
    {
        var fault = SignatureText.Read(header, out var fields);
        return fault == SignatureFault.None
            ? new ClientCredentials
            {
                ApiKey = fields.ApiKey,
                Signature = header,
                Method = request.Method,
                Path = SignedPath(request),
            }
            : throw new ProblemException(401, ProblemCode.InvalidSignature, SignatureFaults.Describe(fault));
    }

    private static ClientCredentials ReadBasic(string base64)
    {
        var bytes = new byte[Math.Min(base64.Length, MaxBasicLength)];
        if (base64.Length <= MaxBasicLength && Convert.TryFromBase64String(base64, bytes, out var length))
        {
            try
            {
                var text = Strict.GetString(bytes, 0, length);
                if (text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                {
                    return new ClientCredentials { ApiKey = text[..colon], Secret = text[(colon + 1)..] };
                }
            }
            catch (DecoderFallbackException)
            {
                // The same answer as for other malformed credentials, below.
            }
        }

        throw new ProblemException(401, ProblemCode.InvalidCredentials,
            "the Basic credentials must be the base64 of api_key:api_secret in UTF-8");
    }

    private static ClientCredentials ReadToken(string token) => token.Length is > 0 and <= MaxTokenLength
        ? new ClientCredentials { ApiKey = TokenHeader.ReadKeyId(token) ?? "", Token = token }
        : throw new ProblemException(401, ProblemCode.InvalidToken,
            $"the token must have 1 to {MaxTokenLength} characters, has {token.Length}");
}
