namespace OrdersActors.Checker.Trouble;

/// <summary>A trouble that was made.</summary>
/// <param name="Kind">What.</param>
/// <param name="Server">To which server, by index; null where it was all of them, or what they need.</param>
/// <param name="At">When.</param>
/// <param name="Until">How long what was seen is a consequence of it: to the next trouble.</param>
internal readonly record struct Incident(TroubleKind Kind, int? Server, long At, long Until);
