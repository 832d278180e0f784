using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrdersActors.Http.Authentication;
using OrdersActors.Http.Problems;

namespace OrdersActors.Tests.Http.Authentication;

public sealed class RequestCredentialsTests
{
    private const string Hex = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("key:secret", "key", "secret")]
    [InlineData("key:with:colons", "key", "with:colons")]
    [InlineData("key:", "key", "")]
    [InlineData("k\u00e9y:s\u00e9cret", "k\u00e9y", "s\u00e9cret")]
    public void Basic_credentials_are_split_at_the_first_colon(string text, string key, string secret)
    {
        var credentials = Read("basic  " + Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
        Assert.Equal((key, secret), (credentials.ApiKey, credentials.Secret));
        Assert.Null(credentials.Signature);
    }

    [Theory]
    [InlineData("POST", "/v1/events", "/v1/events")]
    [InlineData("GET", "/v1/orders/a%2Fb/events?after=1", "/v1/orders/a%2Fb/events")]
    public void Signature_covers_the_method_and_the_path_as_the_client_wrote_it(
        string method, string target, string path)
    {
        var header = $"timestamp=1795494839 , APIKey=key,signature={Hex}";
        var credentials = Read(header, method, target);
        Assert.Equal(("key", header, method, path),
            (credentials.ApiKey, credentials.Signature, credentials.Method, credentials.Path));
    }

    [Fact]
    public void Token_names_its_key_in_its_header()
    {
        var token = Convert.ToBase64String("""{"alg":"HS256","kid":"key"}"""u8).TrimEnd('=') + ".e30.c2ln";
        Assert.Equal(("key", token), (Read("Bearer " + token).ApiKey, Read("Bearer " + token).Token));
        Assert.Equal("", Read("Bearer not-a-token").ApiKey);
    }

    [Theory]
    [InlineData("", "not_authenticated", "Authorization header is required")]
    [InlineData("Digest abc", "not_authenticated", "must begin with")]
    [InlineData("Basicabc", "not_authenticated", "must begin with")]
    [InlineData("Basic ", "not_authenticated", "must begin with")]
    [InlineData("Basic !!", "invalid_credentials", "base64 of api_key:api_secret")]
    [InlineData("Basic bm9jb2xvbg==", "invalid_credentials", "base64 of api_key:api_secret")]
    [InlineData("Basic OnNlY3JldA==", "invalid_credentials", "base64 of api_key:api_secret")]
    [InlineData("Basic a/86eA==", "invalid_credentials", "base64 of api_key:api_secret")]
    [InlineData("Bearer ", "not_authenticated", "must begin with")]
    [InlineData("APIKey=k,signature=" + Hex + ",timestamp=1795494839000", "invalid_signature", "milliseconds")]
    [InlineData("APIKey=k,signature=" + Hex, "invalid_signature", "timestamp is missing")]
    [InlineData("APIKey=k,signature=abc,timestamp=1", "invalid_signature", "64 hex digits")]
    public void Malformed_credentials_are_described(string header, string code, string detail)
    {
        var e = Assert.Throws<ProblemException>(() => Read(header));
        Assert.Equal((401, code), (e.Status, e.Code));
        Assert.Contains(detail, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_that_are_longer_than_any_valid_ones_are_not_decoded()
    {
        Assert.Throws<ProblemException>(() => Read("Basic " + new string('A', 2052)));
        Assert.Throws<ProblemException>(() => Read("Bearer " + new string('A', 16385)));
    }

    [Theory]
    [InlineData("/v1/events?api_key=k", "api_key")]
    [InlineData("/v1/events?after=1&Access_Token=k", "Access_Token")]
    public void Credentials_in_the_query_are_refused_even_beside_a_header(string target, string field)
    {
        var e = Assert.Throws<ProblemException>(() => Read("Basic azpz", "GET", target));
        Assert.Equal((400, field), (e.Status, e.Field));
        Assert.Equal("k", Read("Basic azpz", "GET", "/v1/events?after=1").ApiKey);
    }

    [Fact]
    public void Two_headers_are_refused()
    {
        var request = Request("Basic azpz");
        request.Headers.Authorization = new(["Basic azpz", "Basic azpz"]);
        Assert.Equal(401, Assert.Throws<ProblemException>(() => RequestCredentials.Read(request)).Status);
    }

    private static ClientCredentials Read(string header, string method = "POST", string target = "/v1/events") =>
        RequestCredentials.Read(Request(header, method, target));

    private static HttpRequest Request(string header, string method = "POST", string target = "/v1/events")
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget = target;
        if (target.Split('?') is [_, var query])
        {
            request.QueryString = new QueryString("?" + query);
        }

        if (header.Length > 0)
        {
            request.Headers.Authorization = header;
        }

        return request;
    }
}
