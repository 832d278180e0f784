using Microsoft.AspNetCore.Http;

namespace OrdersActors.Http.Reading;

/// <summary>The page that a request wants.</summary>
/// <param name="After">The number after which it begins; 0 without one.</param>
/// <param name="Epoch">The epoch of the number; null if it is not given.</param>
/// <param name="Limit">Most events in the page.</param>
internal sealed record PageQuery(long After, string? Epoch, int Limit)
{
    public const int DefaultLimit = 100;

    /// <summary>The largest limit: as many as one read of the log returns.</summary>
    public const int MaxLimit = 1000;

    private const string AfterName = "after";
    private const string EpochName = "epoch";
    private const string LimitName = "limit";

    /// <exception cref="Problems.ProblemException">A parameter is invalid.</exception>
    public static PageQuery Read(HttpRequest request)
    {
        var query = QueryReader.Read(request, AfterName, EpochName, LimitName);
        return new PageQuery(
            query.Number(AfterName, 0, long.MaxValue) ?? 0,
            query.Text(EpochName),
            (int)(query.Number(LimitName, 1, MaxLimit) ?? DefaultLimit));
    }

    /// <summary>The query of the page after a number.</summary>
    public string Next(long after, string? epoch) =>
        $"?{AfterName}={after}&{LimitName}={Limit}"
        + (epoch is null ? "" : $"&{EpochName}={Uri.EscapeDataString(epoch)}");
}
