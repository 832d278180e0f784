namespace OrdersActors.FrontEnd.Limits;

/// <summary>The origin of the page that sent a request, and the organizations that it may act for.</summary>
/// <param name="origins">The lists of origins.</param>
/// <param name="origin">The header <c>Origin</c>; null or empty without one.</param>
internal readonly struct PageOrigin(AllowedOrigins origins, string? origin)
{
    /// <inheritdoc cref="AllowedOrigins.Permits"/>
    public bool MayActFor(string organizationId) => origins.Permits(organizationId, origin);
}
