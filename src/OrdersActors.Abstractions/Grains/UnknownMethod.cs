using Orleans.Serialization;

namespace OrdersActors;

/// <summary>
/// Recognizes the answer of a silo of a previous version to a call of a method that it does not have. The silo cannot
/// deserialize the call and returns that failure to the caller. It has done nothing else.
/// </summary>
internal static class UnknownMethod
{
    public static bool Is(Exception e) => e is SerializerException or TypeLoadException;
}
