namespace OrdersActors.Publishing;

/// <summary>There is no connection to the hub. Callers see it only inside of <see cref="PublishFailedException"/>.</summary>
internal sealed class HubUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
