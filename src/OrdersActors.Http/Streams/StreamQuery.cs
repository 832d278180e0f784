using Microsoft.AspNetCore.Http;
using OrdersActors.FrontEnd.Protocol;
using OrdersActors.Http.Reading;

namespace OrdersActors.Http.Streams;

/// <summary>
/// Reads where a stream begins. A browser repeats the URL of its first request whenever it reconnects, and adds the
/// header <c>Last-Event-ID</c>. So the header takes precedence over the query.
/// </summary>
internal static class StreamQuery
{
    private const string LastEventIdHeader = "Last-Event-ID";
    private const string LastEventIdName = "last_event_id";
    private const string AfterName = "after";
    private const string EpochName = "epoch";
    private const string LastName = "last";

    /// <summary>Returns where the stream begins: without any parameter, from now on.</summary>
    /// <exception cref="Problems.ProblemException">A parameter is invalid, or does not fit another one.</exception>
    public static ResumePoint Read(HttpRequest request)
    {
        var query = QueryReader.Read(request, AfterName, EpochName, LastName, LastEventIdName);
        var after = query.Number(AfterName, 0, long.MaxValue);
        var last = (int?)query.Number(LastName, 0, ResumePoint.MaxLast);
        if (after is not null && last is not null)
        {
            throw ReadProblems.Invalid(LastName, $"must not be given together with {AfterName}");
        }

        if (query.Has(LastEventIdName) && (after is not null || last is not null || query.Has(EpochName)))
        {
            throw ReadProblems.Invalid(
                LastEventIdName, $"must not be given together with {AfterName}, {LastName} or {EpochName}");
        }

        if (request.Headers[LastEventIdHeader].ToString() is { Length: > 0 } header)
        {
            return Resume(StreamCursor.Parse(LastEventIdHeader, header));
        }

        return query.Text(LastEventIdName) is { } id
            ? Resume(StreamCursor.Parse(LastEventIdName, id))
            : new ResumePoint(after, last, query.Text(EpochName));
    }

    private static ResumePoint Resume(StreamCursor cursor) => new(cursor.Number, null, cursor.Epoch);
}
