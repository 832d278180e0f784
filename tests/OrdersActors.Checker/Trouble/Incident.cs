namespace OrdersActors.Checker.Trouble;

/// <summary>A fault that was made.</summary>
/// <param name="Kind">The kind of the fault.</param>
/// <param name="Server">The affected server, by index; null if it affects all servers or the database.</param>
/// <param name="At">When the fault began.</param>
/// <param name="Until">When the next fault began. Everything observed until then is a consequence of this
/// fault.</param>
internal readonly record struct Incident(TroubleKind Kind, int? Server, long At, long Until);
