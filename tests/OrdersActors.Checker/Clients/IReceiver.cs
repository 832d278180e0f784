using OrdersActors.Checker.Judging;

namespace OrdersActors.Checker.Clients;

/// <summary>A receiver of events that the judge judges: a raw client, or a handler of a client library.</summary>
internal interface IReceiver
{
    /// <summary>What it received. Others read it after the receiver has ended.</summary>
    ClientRecord Record { get; }

    /// <summary>Whether it is connected now. Only progress messages depend on it.</summary>
    bool IsConnected { get; }

    /// <summary>Whether it has received every event of its scope.</summary>
    bool HasReachedEnd(History history);
}
