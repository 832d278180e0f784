namespace OrdersActors.Storage;

/// <summary>A result of an examination of the storage.</summary>
/// <param name="Subject">What was examined, such as <c>encoding</c>. It never changes.</param>
/// <param name="Message">What was found, in one line. It contains no secret.</param>
/// <param name="Fix">What an operator must do; null if nothing is wrong.</param>
public sealed record StorageFinding(string Subject, string Message, string? Fix = null);
