using System.Text.Json;

namespace OrdersActors.Benchmarks.Peers;

/// <summary>A running peer, as the load process must know it.</summary>
/// <param name="Dialect">The name of the peer, which decides the messages of its clients.</param>
/// <param name="Port">The port for clients, on 127.0.0.1.</param>
/// <param name="TriggerPort">The port of the process that makes the events.</param>
/// <param name="ServerId">The process id of the server.</param>
/// <param name="PublisherId">The process id of the publisher; null if the server makes the events.</param>
/// <param name="ApiKey">The API key of the clients.</param>
/// <param name="ApiSecret">The secret of the key.</param>
internal sealed record LoadTarget(
    string Dialect, int Port, int TriggerPort, int ServerId, int? PublisherId, string ApiKey, string ApiSecret)
{
    /// <summary>Whether the clients offer to compress.</summary>
    public bool Compresses { get; init; }

    /// <summary>Whether the system calls of the server are counted.</summary>
    public bool CountsCalls { get; init; }

    public static LoadTarget Parse(string json) => JsonSerializer.Deserialize<LoadTarget>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);
}
