namespace OrdersActors;

/// <summary>The connections of a front end, for the operators' page.</summary>
/// <param name="Connections">All its connections.</param>
/// <param name="Organizations">The organizations with the most connections, at most 20.</param>
/// <param name="Closes">The closes that it began in the last ten minutes, by status.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FrontEndSummary")]
internal sealed record FrontEndSummary(
    [property: Id(0)] int Connections,
    [property: Id(1)] OrganizationConnections[] Organizations,
    [property: Id(2)] CloseCount[] Closes);

/// <summary>The number of connections of an organization.</summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.OrganizationConnections")]
internal sealed record OrganizationConnections(
    [property: Id(0)] string OrganizationId, [property: Id(1)] int Connections);

/// <summary>The number of connections that a front end has begun to close with a status.</summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.CloseCount")]
internal sealed record CloseCount([property: Id(0)] int Status, [property: Id(1)] long Count);

/// <summary>The summary of a front end, or why there is none.</summary>
[GenerateSerializer, Immutable, Alias("OrdersActors.NamedSummary")]
internal sealed record NamedSummary(
    [property: Id(0)] string FrontEnd, [property: Id(1)] FrontEndSummary? Summary, [property: Id(2)] string? Problem);

/// <summary>The summaries of the front ends.</summary>
/// <param name="FrontEnds">One for each front end that is known.</param>
/// <param name="KnownFor">See <see cref="FrontEndAnswers"/>.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FrontEndSummaries")]
internal sealed record FrontEndSummaries(
    [property: Id(0)] NamedSummary[] FrontEnds, [property: Id(1)] TimeSpan KnownFor);
