namespace OrdersActors.Storage;

/// <summary>
/// The epoch of a log, for operators' commands: <see cref="IEventLog.Epoch"/> says what it is. A command begins a new one
/// after a restore that no server can recognize by itself.
/// </summary>
public interface IEpochStore
{
    /// <summary>The database, for the operator: a file, or a server and its database.</summary>
    string Location { get; }

    /// <summary>The log's epoch; null if no server of this version has opened the log yet.</summary>
    /// <exception cref="StorageException">The database cannot be used.</exception>
    Task<string?> FindAsync(CancellationToken cancellationToken = default);

    /// <summary>Begins a new epoch and returns it. Checkpoints that are ahead of the log move back to its end.</summary>
    /// <exception cref="StorageException">The database cannot be used, or a server holds it that would not notice.</exception>
    Task<string> BeginAsync(CancellationToken cancellationToken = default);
}
