namespace OrdersActors.Checker.Trouble;

/// <summary>A server's sudden end.</summary>
/// <param name="Server">Which one, by index.</param>
/// <param name="At">When.</param>
/// <param name="Until">How long what was seen is a consequence of it: to the next trouble, at most half a minute.</param>
internal readonly record struct Kill(int Server, long At, long Until);
