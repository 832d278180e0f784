using Microsoft.AspNetCore.Http;
using OrdersActors.Http.Problems;

namespace OrdersActors.Http.Reading;

/// <summary>The refusals of reading requests.</summary>
internal static class ReadProblems
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A missing order, and one of another organization. Both get the same answer, so that ids cannot be probed.
    /// </summary>
    public static ProblemException NoSuchOrder() => new(
        StatusCodes.Status404NotFound, ProblemCode.NotFound, "no such order in your organization")
    {
        Field = "order_id",
    };

    /// <summary>The order exists, but retention has removed its events.</summary>
    public static ProblemException NoEventKept() => new(
        StatusCodes.Status404NotFound, ProblemCode.NotFound, "the events of this order are no longer kept")
    {
        Field = "order_id",
    };

    public static ProblemException OrderDenied() => new(
        StatusCodes.Status403Forbidden, ProblemCode.AccessDenied, "the credentials do not cover this order")
    {
        Field = "order_id",
    };

    public static ProblemException OrganizationDenied() => new(
        StatusCodes.Status403Forbidden, ProblemCode.AccessDenied,
        "the credentials do not cover the whole organization");

    public static ProblemException Invalid(string parameter, string expected) => new(
        StatusCodes.Status400BadRequest, ProblemCode.InvalidRequest, $"{parameter} {expected}")
    {
        Field = parameter,
    };

    /// <summary>The number is beyond the newest event, and no epoch explains it.</summary>
    public static ProblemException BeyondNewest(long? after, FeedBounds bounds) => Invalid(
        "after", $"is {after}, but the newest event is {bounds.Last}; begin again with after=0");

    public static ProblemException Unavailable() => new(
        StatusCodes.Status503ServiceUnavailable, ProblemCode.Unavailable, "the event log could not be read; try again")
    {
        RetryAfter = Retry,
    };

    public static ProblemException TooManyReads() => new(
        StatusCodes.Status429TooManyRequests, ProblemCode.RateLimited,
        "too many requests of your organization are being answered; read fewer at once")
    {
        RetryAfter = Retry,
    };
}
