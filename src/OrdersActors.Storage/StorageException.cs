namespace OrdersActors.Storage;

/// <summary>
/// The storage cannot be opened, for example because a folder is not writable or in use, or the schema is of a later
/// version. The message is one line for the operator.
/// </summary>
public sealed class StorageException : Exception
{
    /// <summary>Describes the failure and names what it concerns.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Describes the failure, names what it concerns, and keeps the cause.</summary>
    public StorageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
