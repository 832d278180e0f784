using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OrdersActors.Http.Reading;

/// <summary>
/// The order id in the path of a request. It is one path segment, percent-encoded as UTF-8, so <c>a/b</c> is written
/// <c>a%2Fb</c>.
/// </summary>
/// <remarks>
/// Kestrel decodes a path except for <c>%2F</c>, so the decoded path does not distinguish <c>a%2Fb</c> from
/// <c>a%252Fb</c>. Hence the id is read from the request line. The ids <c>.</c> and <c>..</c> cannot be written in a
/// path, because every client and server removes such segments.
/// </remarks>
internal static class OrderPath
{
    /// <summary>The name under which errors mention the id.</summary>
    public const string Name = "order_id";

    private const int SegmentIndex = 3;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Returns the id of a request to <c>/v1/orders/{order_id}</c> or a path below it.</summary>
    /// <exception cref="Problems.ProblemException">It is not a valid order id.</exception>
    public static string OrderIdOf(HttpContext context)
    {
        var segments = PathOf(context).Split('/', SegmentIndex + 2);
        if (segments.Length <= SegmentIndex)
        {
            // The request line has another form than the path that routing has matched, such as /v1/./orders.
            throw ReadProblems.Invalid(Name, "must be the segment after /v1/orders/");
        }

        var id = Decode(segments[SegmentIndex]);
        return OrderEventRules.IsOrderId(id)
            ? id
            : throw ReadProblems.Invalid(
                Name, $"must have 1 to {OrderEventRules.MaxOrderIdLength} characters and no control characters");
    }

    private static string PathOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        if (target.IndexOfAny('?', '#') is >= 0 and var end)
        {
            target = target[..end];
        }

        // The absolute form, which a proxy may send: http://host/path.
        if (target.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme && target[0] != '/')
        {
            target = target[(scheme + 3)..];
            target = target.IndexOf('/') is >= 0 and var path ? target[path..] : default;
        }

        return target.ToString();
    }

    private static string Decode(string segment)
    {
        // The request line is bounded, so these are a few kilobytes at most.
        var bytes = new byte[Utf8.GetByteCount(segment)];
        var length = 0;
        for (var i = 0; i < segment.Length;)
        {
            if (segment[i] != '%')
            {
                var run = segment.IndexOf('%', i) is >= 0 and var next ? next : segment.Length;
                length += Utf8.GetBytes(segment.AsSpan(i, run - i), bytes.AsSpan(length));
                i = run;
            }
            else if (i + 2 < segment.Length
                && char.IsAsciiHexDigit(segment[i + 1]) && char.IsAsciiHexDigit(segment[i + 2]))
            {
                bytes[length++] = Convert.FromHexString(segment.AsSpan(i + 1, 2))[0];
                i += 3;
            }
            else
            {
                throw NotEncoded();
            }
        }

        try
        {
            return Utf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw NotEncoded();
        }
    }

    private static Problems.ProblemException NotEncoded() =>
        ReadProblems.Invalid(Name, "must be percent-encoded UTF-8, in which % is %25");
}
