namespace OrdersActors;

/// <summary>A connection of a client, for operators. It contains no key and no token.</summary>
/// <param name="OrganizationId">The client's organization; null before it has authenticated.</param>
/// <param name="Key">The first characters of the API key; null before the client has authenticated.</param>
/// <param name="Customer">The customer that the client's token names, or null.</param>
/// <param name="Address">The client's address; null if it is unknown.</param>
/// <param name="Transport"><c>websocket</c> or <c>event stream</c>.</param>
/// <param name="Age">How long the connection has been open.</param>
/// <param name="Subscriptions">The number of its subscriptions.</param>
/// <param name="Orders">Some of the orders that it is subscribed to, at most ten.</param>
/// <param name="IsOrganizationWide">Whether it is subscribed to the whole organization.</param>
/// <param name="QueuedBytes">The bytes that wait to be sent to it.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.ConnectionInfo")]
internal sealed record ConnectionInfo(
    [property: Id(0)] string? OrganizationId,
    [property: Id(1)] string? Key,
    [property: Id(2)] string? Customer,
    [property: Id(3)] string? Address,
    [property: Id(4)] string Transport,
    [property: Id(5)] TimeSpan Age,
    [property: Id(6)] int Subscriptions,
    [property: Id(7)] string[] Orders,
    [property: Id(8)] bool IsOrganizationWide,
    [property: Id(9)] long QueuedBytes);

/// <summary>The connections of a front end that pass a filter.</summary>
/// <param name="Total">All connections of the front end.</param>
/// <param name="Matching">How many of them pass the filter.</param>
/// <param name="Connections">Some of those, up to the limit of the call.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.ConnectionList")]
internal sealed record ConnectionList(
    [property: Id(0)] int Total, [property: Id(1)] int Matching, [property: Id(2)] ConnectionInfo[] Connections);

/// <summary>What a front end answered.</summary>
/// <param name="FrontEnd">Its name.</param>
/// <param name="Connections">Its connections; null if it did not answer, or was to close them.</param>
/// <param name="Closed">How many connections it has begun to close; 0 if it did not answer.</param>
/// <param name="Problem">Why there is no answer; null if there is one.</param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FrontEndAnswer")]
internal sealed record FrontEndAnswer(
    [property: Id(0)] string FrontEnd, [property: Id(1)] ConnectionList? Connections, [property: Id(2)] int Closed,
    [property: Id(3)] string? Problem);

/// <summary>The answers of the front ends.</summary>
/// <param name="Answers">One for each front end that is known.</param>
/// <param name="KnownFor">
/// How long the grain has collected registrations. Before one renewal interval, some front ends may be unknown.
/// </param>
[GenerateSerializer, Immutable, Alias("OrdersActors.FrontEndAnswers")]
internal sealed record FrontEndAnswers(
    [property: Id(0)] FrontEndAnswer[] Answers, [property: Id(1)] TimeSpan KnownFor);
