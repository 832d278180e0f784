namespace OrdersActors.Publishing.Hubs;

/// <summary>
/// There is no connection to the hub. Applications see it only as the inner exception of a
/// <see cref="PublishFailedException"/>.
/// </summary>
internal sealed class HubUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
