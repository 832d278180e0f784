namespace OrdersActors.Storage;

/// <summary>
/// The storage cannot be opened: a folder that cannot be written or is in use, a schema from the future. The message is
/// one line for the operator.
/// </summary>
public sealed class StorageException : Exception
{
    /// <summary>Says what is wrong with what.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Says what is wrong with what, and keeps the cause.</summary>
    public StorageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
