namespace OrdersActors.Storage;

/// <summary>
/// Gives operators' commands access to the epoch of a log (<see cref="IEventLog.Epoch"/>). A command begins a new epoch
/// after a restore that no server can detect.
/// </summary>
public interface IEpochStore
{
    /// <summary>The location of the database, for the operator: a file, or a server and its database.</summary>
    string Location { get; }

    /// <summary>The log's epoch; null if no server of this version has opened the log yet.</summary>
    /// <exception cref="StorageException">The database cannot be used.</exception>
    Task<string?> FindAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Begins a new epoch and returns it. Checkpoints that are ahead of the log move back to its end.
    /// </summary>
    /// <exception cref="StorageException">
    /// The database cannot be used, or is in use by a server that would not notice the new epoch.
    /// </exception>
    Task<string> BeginAsync(CancellationToken cancellationToken = default);
}
