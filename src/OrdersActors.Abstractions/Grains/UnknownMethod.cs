namespace OrdersActors;

/// <summary>
/// Recognizes the answer of a silo of a previous version to a call of a method that it does not have. The silo cannot
/// resolve the type of the call, and Orleans returns this exception to the caller. The silo has done nothing else.
/// </summary>
internal static class UnknownMethod
{
    public static bool Is(Exception e) => e is TypeLoadException;
}
