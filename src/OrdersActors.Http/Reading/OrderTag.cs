using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace OrdersActors.Http.Reading;

/// <summary>
/// The entity tag of an order: the epoch and the version of its newest event. The version alone would not do: after a
/// restored backup, another event may have the same version.
/// </summary>
internal static class OrderTag
{
    public static EntityTagHeaderValue Of(EncodedOrderEvent newest) =>
        new(newest.Epoch is { } epoch ? $"\"{epoch}-{newest.Version}\"" : $"\"{newest.Version}\"");

    /// <summary>Whether <c>If-None-Match</c> names the tag. A header that cannot be read counts as absent.</summary>
    public static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known)
        && known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false));
}
